package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import java.util.Arrays;

/**
 * Bytes that arrive in parts, in memory. Grows as they come, never ahead of them, so that a client
 * cannot make the node reserve memory by announcing a size. Not thread-safe: the parts of a stream
 * come one after another.
 */
final class MemoryUpload implements UploadObserver.Sink {
  private final String what;
  private final int limit;
  private final long announced;
  private final MemoryBudget budget;
  private byte[] bytes = new byte[0];
  private int size;
  private long taken;

  /**
   * @param what name of the field that carries the parts
   * @param announced bytes that will come in all; 0 if not known
   */
  MemoryUpload(String what, int limit, long announced, MemoryBudget budget) {
    this.what = what;
    this.limit = limit;
    this.announced = announced;
    this.budget = budget;
    if (Long.compareUnsigned(announced, limit) > 0) {
      throw tooLarge(Long.toUnsignedString(announced));
    }
  }

  private RuntimeException tooLarge(String has) {
    return Errors.invalid(what, "has " + has + " bytes, the limit is " + limit);
  }

  @Override
  public void add(ByteString part) {
    long total = (long) size + part.size();
    if (total > limit) {
      throw tooLarge("at least " + total);
    }
    if (total > bytes.length) {
      long room = Math.min(limit, Math.max(total, 2L * bytes.length));
      budget.take(room);
      byte[] grown = Arrays.copyOf(bytes, (int) room);
      erase();
      bytes = grown;
      taken = room;
    }
    part.copyTo(bytes, size);
    size = (int) total;
  }

  @Override
  public long size() {
    return size;
  }

  /** All bytes, once the stream has ended. They stay counted until the upload is closed. */
  byte[] finish() {
    if (announced != 0 && announced != size) {
      throw Errors.invalid(what, "has " + size + " bytes, " + announced + " were announced");
    }
    return Arrays.copyOf(bytes, size);
  }

  private void erase() {
    Arrays.fill(bytes, (byte) 0);
    budget.give(taken);
    taken = 0;
  }

  /** Erases what has come: it may be secret. */
  @Override
  public void close() {
    erase();
    bytes = new byte[0];
    size = 0;
  }
}

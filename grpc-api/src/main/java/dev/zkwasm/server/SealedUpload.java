package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import dev.zkwasm.store.SealedFiles;
import dev.zkwasm.store.StoreFullException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Secret bytes that arrive in parts, in a sealed file. Takes the memory of one segment. */
final class SealedUpload implements UploadObserver.Sink {
  private static final String FIELD = "chunk";

  private final SealedFiles files;
  private final String name;
  private final boolean kept;
  private final long limit;
  private final long announced;
  private final MemoryBudget memory;
  private final Runnable ended;
  private SealedFiles.@Nullable Writer writer;

  /**
   * @param kept whether what has come stays when this is closed before it is finished
   * @param announced bytes that will come in all; 0 if not known
   * @param ended called once, when this is closed
   */
  SealedUpload(
      SealedFiles files,
      String name,
      boolean kept,
      long limit,
      long announced,
      MemoryBudget memory,
      Runnable ended) {
    this.files = files;
    this.name = name;
    this.kept = kept;
    this.limit = limit;
    this.announced = announced;
    this.memory = memory;
    this.ended = ended;
    if (Long.compareUnsigned(announced, limit) > 0) {
      throw tooLarge(Long.toUnsignedString(announced));
    }
    memory.take(SealedFiles.SEGMENT);
    boolean done = false;
    try {
      writer = files.committed(name) < 0 ? files.create(name) : files.append(name);
      done = true;
    } finally {
      if (!done) {
        memory.give(SealedFiles.SEGMENT);
      }
    }
  }

  private RuntimeException tooLarge(String has) {
    return Errors.invalid(FIELD, "has " + has + " bytes, the limit is " + limit);
  }

  private SealedFiles.Writer writer() {
    SealedFiles.Writer open = writer;
    if (open == null) {
      throw new IllegalStateException("closed");
    }
    return open;
  }

  @Override
  public void add(ByteString part) {
    if (size() + part.size() > limit) {
      discard();
      throw tooLarge("at least " + (limit + 1));
    }
    byte[] bytes = part.toByteArray();
    try {
      writer().write(bytes, 0, bytes.length);
    } catch (StoreFullException e) {
      throw Errors.exhausted(Errors.message(e));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public long size() {
    return writer().size();
  }

  /**
   * All bytes, once the stream has ended.
   *
   * @return the name of the file, which is the caller's to erase
   */
  String finish() {
    long size = size();
    if (announced != 0 && announced != size) {
      discard();
      throw Errors.invalid(FIELD, "has " + size + " bytes, " + announced + " were announced");
    }
    try {
      writer().finish();
    } catch (StoreFullException e) {
      throw Errors.exhausted(Errors.message(e));
    }
    release();
    return files.rename(name);
  }

  /** What has come is wrong: there is nothing to go on with. */
  private void discard() {
    release();
    files.erase(name);
  }

  private void release() {
    SealedFiles.Writer open = writer;
    if (open != null) {
      writer = null;
      open.close();
      memory.give(SealedFiles.SEGMENT);
      ended.run();
    }
  }

  @Override
  public void close() {
    if (writer != null) {
      release();
      if (!kept) {
        files.erase(name);
      }
    }
  }
}

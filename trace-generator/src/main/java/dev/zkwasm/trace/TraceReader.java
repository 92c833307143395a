package dev.zkwasm.trace;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a trace file from anyone: the head in the constructor, records with {@link #next}, then
 * {@link #differsInOutput}. Holds the head and one record, so memory does not grow with the number
 * of steps; of a head within its limits it grows with the bytes that are there, never with what a
 * length says. What it returns is what the file claims, not what is true: {@link TraceReplay} finds
 * out.
 */
public final class TraceReader {
  /** Bytes of a value: type and bits. */
  private static final int VALUE = 9;

  private final InputStream in;
  private final HeadLimits limits;

  // What has been read ahead; its first byte is byte `base` of the file.
  private final byte[] buffer = new byte[1 << 16];
  private int at;
  private int end;
  private long base;

  private final byte[] wasm;
  private final Call call;
  private final byte[] context;
  private boolean ended;

  private long steps;
  private int pc;
  private int fp;
  private int pages;
  private long a;
  private long b;
  private long result;

  private Exit exit = Exit.returned();
  private List<Value> results = List.of();

  /**
   * Reads the head.
   *
   * @param in the file; read ahead of what is returned, never closed here
   * @throws TraceException if it is malformed, or has a field longer than the limits
   * @throws IOException if reading fails
   */
  public TraceReader(InputStream in, HeadLimits limits) throws IOException {
    this.in = in;
    this.limits = limits;
    if (!Arrays.equals(present(TraceFile.MAGIC.length), TraceFile.MAGIC)) {
      throw new TraceException("not a trace file: it does not start with \"zkwasm trace file\"");
    }
    int version = u8("version") << 8 | u8("version");
    if (version != TraceFile.VERSION) {
      throw new TraceException(
          "trace file of format " + version + "; this program reads format " + TraceFile.VERSION);
    }
    wasm = bytes("module", limits.moduleBytes());
    String export = text("export");
    List<Value> arguments = values("arguments");
    byte[] publicInput = bytes("public input", limits.inputBytes());
    byte[] privateInput = bytes("private input", limits.inputBytes());
    call = new Call(export, arguments, publicInput, privateInput);
    context = exactly(TraceFile.CONTEXT, "context");
  }

  private TraceException malformed(long place, String what) {
    return new TraceException(
        "malformed trace file: "
            + what
            + " at byte "
            + place
            + (steps == 0 ? "" : ", after record " + steps));
  }

  private long offset() {
    return base + at;
  }

  /** Reads on; false at the end of the file. */
  private boolean fill() throws IOException {
    base += end;
    at = 0;
    end = 0;
    // A stream that gives nothing for a while is allowed to.
    int got = in.read(buffer);
    while (got == 0) {
      got = in.read(buffer);
    }
    if (got < 0) {
      return false;
    }
    end = got;
    return true;
  }

  private int u8(String what) throws IOException {
    if (at == end && !fill()) {
      throw malformed(offset(), "it ends in " + what);
    }
    return buffer[at++] & 0xff;
  }

  /** So many bytes, fewer at the end of the file. */
  private byte[] present(int size) throws IOException {
    if (at == end && size > 0) {
      var unused = fill();
    }
    int ahead = Math.min(size, end - at);
    byte[] first = Arrays.copyOfRange(buffer, at, at + ahead);
    at += ahead;
    if (ahead == size) {
      return first;
    }
    byte[] rest = in.readNBytes(size - ahead);
    base += rest.length;
    byte[] all = Arrays.copyOf(first, ahead + rest.length);
    System.arraycopy(rest, 0, all, ahead, rest.length);
    return all;
  }

  private byte[] exactly(int size, String what) throws IOException {
    long place = offset();
    byte[] bytes = present(size);
    if (bytes.length < size) {
      throw malformed(place, "it ends in " + what + " of " + size + " bytes");
    }
    return bytes;
  }

  private int u32(String what) throws IOException {
    long place = offset();
    int value = ByteBuffer.wrap(exactly(4, what)).getInt();
    if (value < 0) {
      throw malformed(place, what + " of " + Integer.toUnsignedString(value) + " is too long");
    }
    return value;
  }

  /** The length of a field, in units of some bytes. */
  private int length(String what, int unit, int limit) throws IOException {
    long place = offset();
    int count = u32(what);
    if ((long) count * unit > limit) {
      throw new TraceException(
          "the trace's %s at byte %d has %d bytes, the limit is %d"
              .formatted(what, place, (long) count * unit, limit));
    }
    return count;
  }

  private byte[] bytes(String what, int limit) throws IOException {
    return exactly(length(what, 1, limit), what);
  }

  private String text(String what) throws IOException {
    byte[] bytes = bytes(what, limits.inputBytes());
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TraceException(
          "malformed trace file: " + what + " is not UTF-8 before byte " + offset(), e);
    }
  }

  private List<Value> values(String what) throws IOException {
    int count = length(what, VALUE, limits.inputBytes());
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long place = offset();
      int code = u8(what);
      long bits = ByteBuffer.wrap(exactly(8, what)).getLong();
      try {
        values.add(new Value(ValueType.ofCode(code), bits));
      } catch (IllegalArgumentException e) {
        throw new TraceException(
            "malformed trace file: " + what + " at byte " + place + ": " + e.getMessage(), e);
      }
    }
    return values;
  }

  private long leb128(int bits, String what) throws IOException {
    // Most have one byte.
    if (at < end && buffer[at] >= 0) {
      return buffer[at++];
    }
    return longLeb128(bits, what);
  }

  private long longLeb128(int bits, String what) throws IOException {
    long place = offset();
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = u8(what);
      if (bits - shift < 7 && b >>> (bits - shift) != 0) {
        throw malformed(place, what + " has more than " + bits + " bits");
      }
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        if (b == 0 && shift > 0) {
          throw malformed(place, what + " is not in its shortest form");
        }
        return value;
      }
    }
  }

  /**
   * Reads the next record, or what follows the last one up to the output.
   *
   * @return false if there was no record
   */
  public boolean next() throws IOException {
    if (ended) {
      return false;
    }
    long place = offset();
    pc = (int) leb128(32, "pc");
    if (pc == 0) {
      readEnd(place);
      ended = true;
      return false;
    }
    fp = (int) leb128(32, "frame pointer");
    pages = (int) leb128(32, "memory size");
    a = leb128(64, "operand a");
    b = leb128(64, "operand b");
    result = leb128(64, "result");
    steps++;
    return true;
  }

  private void readEnd(long place) throws IOException {
    long count = ByteBuffer.wrap(exactly(8, "number of steps")).getLong();
    if (count != steps) {
      throw malformed(
          place, steps + " records are followed by a count of " + Long.toUnsignedString(count));
    }
    long exitPlace = offset();
    int kind = u8("exit");
    long code = ByteBuffer.wrap(exactly(4, "exit")).getInt() & 0xffffffffL;
    try {
      if (kind >= Exit.Kind.values().length) {
        throw new IllegalArgumentException("no exit has kind " + kind);
      }
      exit = new Exit(Exit.Kind.values()[kind], code);
    } catch (IllegalArgumentException e) {
      throw new TraceException(
          "malformed trace file: exit at byte " + exitPlace + ": " + e.getMessage(), e);
    }
    results = values("results");
  }

  /**
   * Reads the output, after the last record, and the end of the file; keeps nothing of it.
   *
   * @param output the output expected
   * @return index of the first byte that differs; -1 if none does
   */
  public int differsInOutput(byte[] output) throws IOException {
    int length = u32("output");
    int differs = length == output.length ? -1 : Math.min(length, output.length);
    for (int i = 0; i < length; ) {
      if (at == end && !fill()) {
        throw malformed(offset(), "it ends in output of " + length + " bytes");
      }
      int part = Math.min(length - i, end - at);
      int compared = Math.max(0, Math.min(part, output.length - i));
      int mismatch = Arrays.mismatch(buffer, at, at + compared, output, i, i + compared);
      if (mismatch >= 0 && (differs < 0 || i + mismatch < differs)) {
        differs = i + mismatch;
      }
      at += part;
      i += part;
    }
    if (at < end || fill()) {
      throw malformed(offset(), "bytes follow the end");
    }
    return differs;
  }

  public byte[] wasm() {
    return wasm;
  }

  public Call call() {
    return call;
  }

  public byte[] context() {
    return context;
  }

  /** Records read so far. */
  public long steps() {
    return steps;
  }

  public int pc() {
    return pc;
  }

  public int fp() {
    return fp;
  }

  public int pages() {
    return pages;
  }

  public long a() {
    return a;
  }

  public long b() {
    return b;
  }

  public long result() {
    return result;
  }

  /** Known after the last record, as are the results. */
  public Exit exit() {
    return exit;
  }

  public List<Value> results() {
    return results;
  }
}

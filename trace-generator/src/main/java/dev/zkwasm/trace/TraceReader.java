package dev.zkwasm.trace;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a trace file from anyone: the head in the constructor, records with {@link #next}, then the
 * end. Memory grows with the bytes that are there, never with what a length says. What it returns
 * is what the file claims, not what is true: {@link TraceReplay} finds out.
 */
public final class TraceReader {
  private final InputStream in;
  private long offset;
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
  private byte[] output = {};

  /**
   * Reads the head.
   *
   * @throws TraceException if it is malformed
   * @throws IOException if reading fails
   */
  public TraceReader(InputStream in) throws IOException {
    this.in = new BufferedInputStream(in, 1 << 16);
    if (!Arrays.equals(this.in.readNBytes(TraceFile.MAGIC.length), TraceFile.MAGIC)) {
      throw new TraceException("not a trace file: it does not start with \"zkwasm trace file\"");
    }
    offset = TraceFile.MAGIC.length;
    int version = u8("version") << 8 | u8("version");
    if (version != TraceFile.VERSION) {
      throw new TraceException(
          "trace file of format " + version + "; this program reads format " + TraceFile.VERSION);
    }
    wasm = bytes("module");
    String export = text("export");
    List<Value> arguments = values("arguments");
    byte[] publicInput = bytes("public input");
    byte[] privateInput = bytes("private input");
    call = new Call(export, arguments, publicInput, privateInput);
    context = exactly(TraceFile.CONTEXT, "context");
  }

  private TraceException malformed(long at, String what) {
    return new TraceException("malformed trace file: " + what + " at byte " + at);
  }

  private int u8(String what) throws IOException {
    int value = in.read();
    if (value < 0) {
      throw malformed(offset, "it ends in " + what);
    }
    offset++;
    return value;
  }

  private byte[] exactly(int size, String what) throws IOException {
    long at = offset;
    byte[] bytes = in.readNBytes(size);
    offset += bytes.length;
    if (bytes.length < size) {
      throw malformed(at, "it ends in " + what + " of " + size + " bytes");
    }
    return bytes;
  }

  private int u32(String what) throws IOException {
    long at = offset;
    int value = ByteBuffer.wrap(exactly(4, what)).getInt();
    if (value < 0) {
      throw malformed(at, what + " of " + Integer.toUnsignedString(value) + " is too long");
    }
    return value;
  }

  private byte[] bytes(String what) throws IOException {
    return exactly(u32(what), what);
  }

  private String text(String what) throws IOException {
    byte[] bytes = bytes(what);
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new TraceException(
          "malformed trace file: " + what + " is not UTF-8 before byte " + offset, e);
    }
  }

  private List<Value> values(String what) throws IOException {
    int count = u32(what);
    List<Value> values = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = offset;
      int code = u8(what);
      long bits = ByteBuffer.wrap(exactly(8, what)).getLong();
      try {
        values.add(new Value(ValueType.ofCode(code), bits));
      } catch (IllegalArgumentException e) {
        throw new TraceException(
            "malformed trace file: " + what + " at byte " + at + ": " + e.getMessage(), e);
      }
    }
    return values;
  }

  private long leb128(int bits, String what) throws IOException {
    long at = offset;
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = u8(what);
      if (bits - shift < 7 && b >>> (bits - shift) != 0) {
        throw malformed(at, what + " has more than " + bits + " bits");
      }
      value |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        if (b == 0 && shift > 0) {
          throw malformed(at, what + " is not in its shortest form");
        }
        return value;
      }
    }
  }

  /**
   * Reads the next record, or the end of the file.
   *
   * @return false if there was no record
   */
  public boolean next() throws IOException {
    if (ended) {
      return false;
    }
    long at = offset;
    pc = (int) leb128(32, "pc of record " + steps);
    if (pc == 0) {
      readEnd(at);
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

  private void readEnd(long at) throws IOException {
    long count = ByteBuffer.wrap(exactly(8, "number of steps")).getLong();
    if (count != steps) {
      throw malformed(
          at, steps + " records are followed by a count of " + Long.toUnsignedString(count));
    }
    long exitAt = offset;
    int kind = u8("exit");
    long code = ByteBuffer.wrap(exactly(4, "exit")).getInt() & 0xffffffffL;
    try {
      if (kind >= Exit.Kind.values().length) {
        throw new IllegalArgumentException("no exit has kind " + kind);
      }
      exit = new Exit(Exit.Kind.values()[kind], code);
    } catch (IllegalArgumentException e) {
      throw new TraceException(
          "malformed trace file: exit at byte " + exitAt + ": " + e.getMessage(), e);
    }
    results = values("results");
    output = bytes("output");
    if (in.read() >= 0) {
      throw malformed(offset, "bytes follow the end");
    }
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

  /** Known after the last record, as are results and output. */
  public Exit exit() {
    return exit;
  }

  public List<Value> results() {
    return results;
  }

  public byte[] output() {
    return output;
  }
}

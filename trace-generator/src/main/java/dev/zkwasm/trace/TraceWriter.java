package dev.zkwasm.trace;

import dev.zkwasm.exec.TraceSink;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TraceBlock;
import dev.zkwasm.isa.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes a trace file: the head at once, a record per step, then {@link #end}. Holds 64 KiB of it.
 * A step that cannot be written throws {@link UncheckedIOException}, so that a full disk ends the
 * run.
 */
public final class TraceWriter implements TraceSink {
  /** Bytes of the longest record: four bytes bring 5, eight bring 10. */
  private static final int LONGEST_RECORD = 3 * 5 + 3 * 10;

  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];
  private int filled;
  private long steps;

  /**
   * Writes the head.
   *
   * @param out receives the file; never closed here
   * @param wasm the module's bytes
   * @param context 32 bytes
   */
  public TraceWriter(OutputStream out, byte[] wasm, Call call, byte[] context) throws IOException {
    if (context.length != TraceFile.CONTEXT) {
      throw new IllegalArgumentException("context has " + context.length + " bytes, not 32");
    }
    this.out = out;
    out.write(TraceFile.MAGIC);
    out.write(ByteBuffer.allocate(2).putShort((short) TraceFile.VERSION).array());
    bytes(wasm);
    bytes(call.export().getBytes(StandardCharsets.UTF_8));
    values(call.arguments());
    bytes(call.publicInput());
    bytes(call.privateInput());
    out.write(context);
  }

  private void u32(int value) throws IOException {
    out.write(ByteBuffer.allocate(4).putInt(value).array());
  }

  private void bytes(byte[] bytes) throws IOException {
    u32(bytes.length);
    out.write(bytes);
  }

  private void values(List<Value> values) throws IOException {
    u32(values.size());
    for (Value value : values) {
      out.write(value.type().code());
      out.write(ByteBuffer.allocate(8).putLong(value.bits()).array());
    }
  }

  @Override
  public TraceBlock take(TraceBlock block) {
    for (int i = 0; i < block.size(); i++) {
      step(block.pc(i), block.fp(i), block.pages(i), block.a(i), block.b(i), block.result(i));
    }
    return block;
  }

  /** Writes a record: {@link TraceBlock#set}. */
  public void step(int pc, int fp, int pages, long a, long b, long result) {
    if (buffer.length - filled < LONGEST_RECORD) {
      flush();
    }
    steps++;
    leb128(Integer.toUnsignedLong(pc));
    leb128(Integer.toUnsignedLong(fp));
    leb128(Integer.toUnsignedLong(pages));
    leb128(a);
    leb128(b);
    leb128(result);
  }

  private void leb128(long value) {
    while ((value & ~0x7fL) != 0) {
      buffer[filled++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    buffer[filled++] = (byte) value;
  }

  private void flush() {
    try {
      out.write(buffer, 0, filled);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    filled = 0;
  }

  /**
   * Writes the end and flushes.
   *
   * @throws IOException if it cannot be written
   */
  public void end(Exit exit, List<Value> results, byte[] output) throws IOException {
    out.write(buffer, 0, filled);
    filled = 0;
    out.write(0);
    out.write(ByteBuffer.allocate(8).putLong(steps).array());
    out.write(exit.kind().ordinal());
    u32((int) exit.code());
    values(results);
    bytes(output);
    out.flush();
  }
}

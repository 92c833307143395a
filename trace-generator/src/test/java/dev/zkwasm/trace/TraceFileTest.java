package dev.zkwasm.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.exec.CallException;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.LimitException;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleException;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TraceFileTest {
  private static final byte[] CONTEXT = new byte[32];

  static {
    Arrays.fill(CONTEXT, (byte) 7);
  }

  /** A sum of the numbers below n, wide enough to show every field. */
  private static byte[] module() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 2);
    builder.exported(
        "run",
        List.of(ValueType.I32),
        List.of(ValueType.I64, ValueType.I32),
        List.of(ValueType.I64),
        ModuleBuilder.code()
            .block(WasmOpcode.LOOP, 0x40)
            .get(1)
            .get(0)
            .op(WasmOpcode.I64_EXTEND_I32_S)
            .op(WasmOpcode.I64_ADD)
            .set(1)
            .get(0)
            .get(1)
            .op(WasmOpcode.I64_STORE, 3, 8)
            .get(0)
            .i32(1)
            .op(WasmOpcode.I32_SUB)
            .op(WasmOpcode.LOCAL_TEE, 0)
            .op(WasmOpcode.BR_IF, 0)
            .end()
            .get(1)
            .i32(0)
            .op(WasmOpcode.I32_LOAD, 2, 9));
    return builder.build();
  }

  private static String message(Throwable e) {
    return Objects.requireNonNull(e.getMessage());
  }

  private static Call call(long n) {
    return new Call(
        "run",
        List.of(new Value(ValueType.I32, n)),
        "public".getBytes(java.nio.charset.StandardCharsets.US_ASCII),
        new byte[] {1, 2, 3});
  }

  private static byte[] file(byte[] wasm, Call call) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Outcome outcome =
        TraceFile.record(
            Lowering.lower(wasm), wasm, call, CONTEXT, Limits.DEFAULT, Progress.NONE, out);
    assertEquals(Exit.returned(), outcome.exit());
    return out.toByteArray();
  }

  private static TraceReplay replay(byte[] file) throws IOException {
    return TraceReplay.replay(
        new ByteArrayInputStream(file), new Limits(100_000, 16), Progress.NONE);
  }

  @Test
  void replayGivesTheExecution() throws IOException {
    byte[] wasm = module();
    byte[] file = file(wasm, call(100));
    assertArrayEquals(file, file(wasm, call(100)));
    TraceReplay replay = replay(file);
    ExecutionTrace expected =
        Executor.execute(replay.lowered().program(), call(100), Limits.DEFAULT, Progress.NONE);
    ExecutionTrace trace = replay.trace();
    assertArrayEquals(wasm, replay.wasm());
    assertArrayEquals(CONTEXT, replay.context());
    assertEquals(5050, trace.results().getFirst().bits());
    assertEquals(expected.results(), trace.results());
    assertEquals(expected.steps(), trace.steps());
    for (int i = 0; i < expected.steps(); i++) {
      assertEquals(expected.pc(i), trace.pc(i));
      assertEquals(expected.result(i), trace.result(i));
    }
    assertArrayEquals(call(100).privateInput(), trace.call().privateInput());
  }

  @Test
  void eachRecordIsCompared() throws IOException {
    byte[] wasm = module();
    ExecutionTrace trace =
        Executor.execute(Lowering.lower(wasm).program(), call(3), Limits.DEFAULT, Progress.NONE);
    for (int step = 0; step < trace.steps(); step++) {
      for (int field = 0; field < 6; field++) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        TraceWriter writer = new TraceWriter(out, wasm, call(3), CONTEXT);
        for (int i = 0; i < trace.steps(); i++) {
          long[] r = {
            trace.pc(i), trace.fp(i), trace.pages(i), trace.a(i), trace.b(i), trace.result(i)
          };
          if (i == step) {
            r[field] ^= 1L << 6;
          }
          writer.step((int) r[0], (int) r[1], (int) r[2], r[3], r[4], r[5]);
        }
        writer.end(trace.exit(), trace.results(), trace.output());
        TraceException e = assertThrows(TraceException.class, () -> replay(out.toByteArray()));
        assertTrue(message(e).contains("step " + (step + 1) + ","), message(e));
        String name = List.of("pc", "fp", "pages", "a", "b", "result").get(field);
        assertTrue(message(e).endsWith("), in " + name), message(e));
      }
    }
  }

  @Test
  void theEndIsCompared() throws IOException {
    byte[] wasm = module();
    ExecutionTrace trace =
        Executor.execute(Lowering.lower(wasm).program(), call(3), Limits.DEFAULT, Progress.NONE);
    record Ending(int steps, Exit exit, List<Value> results, byte[] output, String message) {}
    List<Value> others = trace.results().reversed();
    int all = trace.steps();
    for (Ending ending :
        List.of(
            new Ending(all, Exit.exited(0), trace.results(), new byte[0], "exit"),
            new Ending(all, trace.exit(), others, new byte[0], "results"),
            new Ending(all, trace.exit(), trace.results(), new byte[1], "output"),
            new Ending(all - 1, trace.exit(), trace.results(), new byte[0], "trace ends after"),
            new Ending(all + 1, trace.exit(), trace.results(), new byte[0], "trace goes on"))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      TraceWriter writer = new TraceWriter(out, wasm, call(3), CONTEXT);
      for (int i = 0; i < ending.steps; i++) {
        int j = Math.min(i, all - 1);
        writer.step(
            trace.pc(j), trace.fp(j), trace.pages(j), trace.a(j), trace.b(j), trace.result(j));
      }
      writer.end(ending.exit, ending.results, ending.output);
      TraceException e = assertThrows(TraceException.class, () -> replay(out.toByteArray()));
      assertTrue(message(e).contains(ending.message), message(e));
    }
  }

  @Test
  void everyCutIsRefused() throws IOException {
    byte[] file = file(module(), call(2));
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThrows(TraceException.class, () -> replay(cut), "length " + length);
    }
    assertThrows(TraceException.class, () -> replay(Arrays.copyOf(file, file.length + 1)));
  }

  /** Whatever bytes come, the answer is a result or one of the declared errors. */
  @Test
  void alteredBytesNeverBreakTheReader() throws IOException {
    byte[] file = file(module(), call(2));
    Random random = new Random(5);
    int accepted = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] altered = file.clone();
      int at = random.nextInt(altered.length);
      altered[at] = (byte) random.nextInt(256);
      if (random.nextInt(4) == 0) {
        Arrays.fill(altered, at, Math.min(altered.length, at + 4), (byte) 0x7f);
      }
      try {
        var unused = replay(altered);
        accepted++;
      } catch (TraceException | ModuleException | CallException | LimitException e) {
        assertTrue(!message(e).isEmpty() && !message(e).contains("\n"), message(e));
      }
    }
    // Inputs and context may hold anything.
    assertTrue(accepted > 0 && accepted < 2_000, "accepted " + accepted);
  }

  @Test
  void longLengthsAllocateNothing() {
    byte[] head =
        Arrays.copyOf(
            "zkwasm trace file\0\1".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 23);
    Arrays.fill(head, 19, 23, (byte) 0x7f);
    TraceException e = assertThrows(TraceException.class, () -> replay(head));
    assertEquals(
        "malformed trace file: it ends in module of 2139062143 bytes at byte 23", message(e));
  }

  @Test
  void anotherVersionIsNamed() throws IOException {
    byte[] file = file(module(), call(2));
    file[18] = 0;
    TraceException e = assertThrows(TraceException.class, () -> replay(file));
    assertEquals("trace file of format 0; this program reads format 1", message(e));
  }
}

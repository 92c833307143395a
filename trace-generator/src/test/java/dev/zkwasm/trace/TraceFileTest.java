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
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleException;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TraceFileTest {
  @TempDir private static Path folder = Path.of("");

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
    return replay(new ByteArrayInputStream(file), HeadLimits.FORMAT);
  }

  private static TraceReplay replay(InputStream file, HeadLimits head) throws IOException {
    return TraceReplay.replay(file, new Limits(100_000, 16), head, Progress.NONE);
  }

  @Test
  void replayGivesTheExecution() throws IOException {
    byte[] wasm = module();
    byte[] file = file(wasm, call(100));
    assertArrayEquals(file, file(wasm, call(100)));
    TraceReplay replay = replay(file);
    ExecutionTrace expected =
        Executor.execute(replay.lowered().program(), call(100), Limits.DEFAULT, Progress.NONE);
    Outcome outcome = replay.outcome();
    assertArrayEquals(wasm, replay.wasm());
    assertArrayEquals(CONTEXT, replay.context());
    assertEquals(5050, outcome.results().getFirst().bits());
    assertEquals(expected.results(), outcome.results());
    assertEquals(expected.steps(), outcome.steps());
    assertTrue(outcome.wasmSteps() > 100);
    assertArrayEquals(call(100).privateInput(), replay.call().privateInput());
  }

  /** However the bytes come in. */
  @Test
  void replayReadsFromSlowStreams() throws IOException {
    byte[] file = file(module(), call(100));
    for (int most : new int[] {1, 2, 7, 4096}) {
      InputStream slow =
          new ByteArrayInputStream(file) {
            @Override
            public synchronized int read(byte[] into, int offset, int length) {
              return super.read(into, offset, Math.min(length, most));
            }
          };
      assertEquals(5050, replay(slow, HeadLimits.FORMAT).outcome().results().getFirst().bits());
    }
  }

  /** A field of the head that is too long is refused by its length, before it is read. */
  @Test
  void headsHaveLimits() throws IOException {
    byte[] wasm = module();
    byte[] file = file(wasm, call(2));
    var unused = replay(new ByteArrayInputStream(file), new HeadLimits(wasm.length, 18));
    TraceException module =
        assertThrows(
            TraceException.class,
            () -> replay(new ByteArrayInputStream(file), new HeadLimits(wasm.length - 1, 9)));
    assertEquals(
        "the trace's module at byte 19 has %d bytes, the limit is %d"
            .formatted(wasm.length, wasm.length - 1),
        message(module));
    TraceException arguments =
        assertThrows(
            TraceException.class,
            () -> replay(new ByteArrayInputStream(file), new HeadLimits(wasm.length, 8)));
    assertTrue(message(arguments).contains("arguments"), message(arguments));
    assertTrue(message(arguments).endsWith("has 9 bytes, the limit is 8"), message(arguments));
    TraceException input =
        assertThrows(
            TraceException.class,
            () ->
                replay(
                    new ByteArrayInputStream(
                        file(
                            wasm, new Call("run", call(2).arguments(), new byte[10], new byte[0]))),
                    new HeadLimits(wasm.length, 9)));
    assertTrue(message(input).contains("public input"), message(input));
  }

  /** Neither recording nor checking keeps steps: what they allocate does not grow with them. */
  @Test
  void stepsAreNotKept() throws IOException {
    byte[] wasm = module();
    LoweredModule lowered = Lowering.lower(wasm);
    long[] allocated = new long[2];
    // The first, to load what both need, does not count.
    for (int i = -1; i < allocated.length; i++) {
      // Within the memory of the module, in which the numbers are stored.
      int n = i <= 0 ? 5_000 : 65_000;
      long before = allocatedBytes();
      Path file = folder.resolve("trace");
      try (OutputStream out = Files.newOutputStream(file)) {
        TraceFile.record(lowered, wasm, call(n), CONTEXT, Limits.DEFAULT, Progress.NONE, out);
      }
      try (InputStream in = Files.newInputStream(file)) {
        TraceReplay replay =
            TraceReplay.replay(in, Limits.DEFAULT, HeadLimits.FORMAT, Progress.NONE);
        assertEquals((long) n * (n + 1) / 2, replay.outcome().results().getFirst().bits());
      }
      if (i >= 0) {
        allocated[i] = allocatedBytes() - before;
      }
    }
    System.out.printf(
        "TraceFileTest: %d bytes allocated for 5,000 rounds, %d for 65,000%n",
        allocated[0], allocated[1]);
    // 60,000 rounds more are 240,000 steps or more: eight megabytes, were they kept.
    assertTrue(allocated[1] < allocated[0] + (1 << 20), Arrays.toString(allocated));
  }

  private static long allocatedBytes() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.ThreadMXBean.class)
        .getCurrentThreadAllocatedBytes();
  }

  /** A full disk ends the run, not only the file. */
  @Test
  void aFailureToWriteEndsTheRun() {
    byte[] wasm = module();
    OutputStream full =
        new OutputStream() {
          private int left = 100_000;

          @Override
          public void write(int b) throws IOException {
            write(new byte[1], 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            left -= length;
            if (left < 0) {
              throw new IOException("full");
            }
          }
        };
    long[] steps = new long[1];
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                TraceFile.record(
                    Lowering.lower(wasm),
                    wasm,
                    call(65_000),
                    CONTEXT,
                    Limits.DEFAULT,
                    done -> {
                      steps[0] = done;
                      return true;
                    },
                    full));
    assertEquals("full", e.getMessage());
    assertTrue(steps[0] < 100_000, "it ran on to step " + steps[0]);
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

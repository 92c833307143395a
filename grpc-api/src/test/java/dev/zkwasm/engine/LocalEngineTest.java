package dev.zkwasm.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.EngineException.Kind;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.trace.HeadLimits;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the engine refuses, and that it stops when told. Whole proofs are in {@code EndToEndTest}.
 */
class LocalEngineTest {
  /** {@code (module (func (export "run") (loop (br 0))))}. */
  private static final byte[] ENDLESS =
      HexFormat.of()
          .parseHex("0061736d01000000010401600000030201000707010372756e00000a0901070003400c000b0b");

  /** {@code (module (func (export "run")))}. */
  private static final byte[] NOTHING =
      HexFormat.of().parseHex("0061736d01000000010401600000030201000707010372756e00000a040102000b");

  /**
   * {@code (module (func (export "run") (param i32) (loop (br_if 0 (local.tee 0 (i32.sub (local.get
   * 0) (i32.const 1)))))))}.
   */
  private static final byte[] COUNTDOWN =
      HexFormat.of()
          .parseHex(
              "0061736d0100000001050160017f00030201000707010372756e00000a10010e"
                  + "000340200041016b22000d000b0b");

  @TempDir private Path folder = Path.of("");

  private LocalEngine engine() {
    return engine(DevelopmentSrs.DEFAULT_MAX_LOG);
  }

  private LocalEngine engine(int maxLog) {
    BackendOptions options = BackendOptions.defaults();
    return new LocalEngine(
        DevelopmentSrs.inMemory(maxLog),
        Backends.openAll("cpu", options),
        options.threads(),
        folder);
  }

  private static Call call(String export) {
    return new Call(export, List.of(), new byte[0], new byte[0]);
  }

  private static void refused(Kind kind, String words, Runnable work) {
    EngineException e = assertThrows(EngineException.class, work::run);
    assertEquals(kind, e.kind(), e.getMessage());
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
    assertEquals(1, String.valueOf(e.getMessage()).lines().count());
  }

  @Test
  void refusesModulesAndCalls() {
    try (LocalEngine engine = engine()) {
      refused(Kind.BAD_MODULE, "", () -> engine.load(new byte[0]));
      refused(
          Kind.BAD_MODULE, "", () -> engine.load("hello, world".getBytes(StandardCharsets.UTF_8)));
      refused(Kind.BAD_MODULE, "", () -> engine.load(Arrays.copyOf(ENDLESS, 20)));
      Guest guest = engine.load(NOTHING);
      refused(Kind.BAD_CALL, "nope", () -> engine.execute(guest, call("nope"), 10, Progress.NONE));
      refused(
          Kind.BAD_TRACE,
          "not a trace",
          () ->
              engine.replay(
                  new ByteArrayInputStream(NOTHING), 10, HeadLimits.FORMAT, Progress.NONE));
      refused(Kind.BAD_PROOF, "not a proof", () -> engine.verify(guest, NOTHING));
    }
  }

  @Test
  void stopsAtTheGasAndWhenTold() {
    try (LocalEngine engine = engine()) {
      Guest guest = engine.load(ENDLESS);
      refused(
          Kind.GAS_EXCEEDED, "1000", () -> engine.execute(guest, call("run"), 1000, Progress.NONE));
      assertThrows(
          CancellationException.class,
          () ->
              engine.execute(
                  guest,
                  call("run"),
                  1L << 40,
                  (stage, fraction) -> {
                    throw new CancellationException();
                  }));
    }
  }

  /** What is refused by the least estimate would have been refused by the real one. */
  @Test
  void theLeastEstimateIsNoMoreThanTheEstimate() {
    try (LocalEngine engine = engine()) {
      Guest countdown = engine.load(COUNTDOWN);
      for (int n : new int[] {1, 1000, 100_000}) {
        Call call = new Call("run", List.of(new Value(ValueType.I32, n)), new byte[0], new byte[0]);
        Run run = engine.execute(countdown, call, 1 << 20, Progress.NONE);
        Estimate least = engine.least(run.trace().steps());
        Estimate estimate = engine.prepare(run).estimate();
        String both = least + " " + estimate;
        assertTrue(least.cells() <= estimate.cells(), both);
        assertTrue(least.peakBytes() <= estimate.peakBytes(), both);
        assertTrue(least.seconds() <= estimate.seconds(), both);
        assertTrue(least.peakBytes() > engine.least(0).peakBytes() + 100L * n, both);
      }
    }
  }

  @Test
  void stopsProvingWhenTold() {
    try (LocalEngine engine = engine()) {
      Prepared prepared =
          engine.prepare(engine.execute(engine.load(NOTHING), call("run"), 100, Progress.NONE));
      assertThrows(
          CancellationException.class,
          () ->
              engine.prove(
                  prepared,
                  new byte[32],
                  (stage, fraction) -> {
                    if (stage.equals("commit")) {
                      throw new CancellationException();
                    }
                  }));
    }
  }

  @Test
  void saysWhichReferenceStringIsTooSmall() {
    try (LocalEngine engine = engine(10)) {
      Guest guest = engine.load(NOTHING);
      refused(Kind.RESOURCE, "allows tables of 2^10 rows", () -> engine.programDigest(guest));
    }
  }
}

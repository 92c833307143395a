package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Timing;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.bench.report.Result;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import java.util.Map;
import java.util.function.Function;

/** Verification of one proof again and again, as a workload. */
final class Verification implements Workload {
  private final Engine engine;
  private final Guest guest;
  private final byte[] proof;
  private Check check = Check.NOT_MADE;

  Verification(Engine engine, Guest guest, byte[] proof) {
    this.engine = engine;
    this.guest = guest;
    this.proof = proof;
  }

  @Override
  public void run() {
    check = Check.of(accepts(proof));
  }

  @Override
  public Check check() {
    return check;
  }

  private boolean accepts(byte[] bytes) {
    try {
      engine.verify(guest, bytes);
      return true;
    } catch (EngineException e) {
      return false;
    }
  }

  /** A verifier that accepts everything would be quick. */
  boolean refusesDamage() {
    byte[] damaged = proof.clone();
    damaged[damaged.length - 1] ^= 1;
    return !accepts(damaged);
  }

  /**
   * Times it; the result counts as right only if a damaged proof is refused too.
   *
   * @param wasmSteps of the run that was proven, or 0 if that is not known
   */
  Result measure(
      String name, String backend, long wasmSteps, int threads, Function<Workload, Timing> timer) {
    Timing timing = timer.apply(this);
    return Result.ofRun(
        "verify",
        wasmSteps,
        name,
        backend,
        engine.backend(),
        threads,
        new Timing(timing.seconds(), timing.check().and(Check.of(refusesDamage()))),
        1,
        "proofs",
        Map.of("proofBytes", (long) proof.length),
        Map.of());
  }
}

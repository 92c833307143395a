package dev.zkwasm.engine;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.prover.Stage;
import dev.zkwasm.table.Witness;

/**
 * Foretells what proving takes, roughly. The work is nearly proportional to the committed cells:
 * each is committed, transformed and opened once. The factors are for the CPU backend and not
 * calibrated: two runs of fib.wasm on a busy machine with two cores took 5 s for 0.5 and 41 s for
 * 7.1 million cells ({@code zkprover prove fib.wasm --invoke run --arg 1000}, and 100000). Memory
 * is a guess, not measured.
 */
final class CostModel {
  private static final double SECONDS_PER_CELL = 10e-6;
  private static final double FIXED_SECONDS = 1;
  private static final long BYTES_PER_CELL = 100;
  private static final long FIXED_BYTES = 256L << 20;

  private CostModel() {}

  /**
   * Estimates.
   *
   * @param threads threads that prove, on the CPU
   */
  static Estimate estimate(Witness witness, int threads) {
    long cells = 0;
    int largest = 0;
    for (TableInstance table : witness.instances()) {
      cells += (long) table.height() * (table.main().size() + table.air().helpers());
      largest = Math.max(largest, table.logHeight());
    }
    return new Estimate(
        cells,
        largest,
        FIXED_BYTES + BYTES_PER_CELL * cells,
        FIXED_SECONDS + SECONDS_PER_CELL * cells / threads);
  }

  /** Part of all proving that is done when so much of a stage is. */
  static double done(Stage stage, double fraction) {
    double before = 0;
    double all = 0;
    for (Stage each : Stage.values()) {
      double weight = weight(each);
      before += each.compareTo(stage) < 0 ? weight : each == stage ? fraction * weight : 0;
      all += weight;
    }
    return before / all;
  }

  /** Share of a stage in proving, measured with the others. */
  private static double weight(Stage stage) {
    return switch (stage) {
      case WITNESS, EVALUATE -> 2;
      case COMMIT -> 8;
      case HELPERS -> 36;
      case QUOTIENT -> 33;
      case OPEN -> 18;
      case VERIFY -> 1;
    };
  }
}

package dev.zkwasm.engine;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.prover.Stage;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import java.util.BitSet;

/**
 * Foretells what proving takes, roughly, on the CPU backend.
 *
 * <p>Time is nearly proportional to the committed cells: each is committed, transformed and opened
 * once. Memory is counted: what stays from one round to the next, the columns in their own types
 * and the helper columns; what the largest instance needs while its part of the quotient is
 * computed; what is as long as the highest table; the reference string; the trace; and a share of
 * this for arrays that wait to be used again or collected. Where the factors come from: {@code
 * docs/guides/performance.md}.
 */
final class CostModel {
  private static final double SECONDS_PER_CELL = 1.6e-6;

  /** Most of it for compiling the kernels, while little else gets done. */
  private static final double FIXED_SECONDS = 4;

  /** Bytes of an element of the field, and of a point. */
  private static final long ELEMENT = 32;

  private static final long POINT = 64;

  /** What values on a coset take at most: longer cosets are worked on in parts. */
  private static final long COSET_BYTES = 512L << 20;

  /** Vectors of the largest height: accumulator, pieces of the quotient, values on cosets. */
  private static final long LARGEST_VECTORS = 12;

  /** A step of the trace. */
  private static final long STEP = 36;

  /** The Java virtual machine, its code, its young generation, arrays kept for the next proof. */
  private static final long FIXED_BYTES = 700L << 20;

  /** What there is, with arrays that wait, as a multiple of what is in use. */
  private static final double WAITING = 1.2;

  private CostModel() {}

  /**
   * Estimates.
   *
   * @param steps of the trace, which stays while it is proven
   * @param threads threads that prove, on the CPU
   */
  static Estimate estimate(Witness witness, int steps, int threads) {
    long cells = 0;
    long kept = 0;
    long working = 0;
    BitSet logs = new BitSet();
    for (TableInstance table : witness.instances()) {
      long height = table.height();
      int helpers = table.air().helpers();
      cells += height * (table.main().size() + helpers);
      kept += height * helpers * ELEMENT;
      for (TypedVector column : table.main()) {
        kept += height * Math.ceilDiv(column.bitLength(), Byte.SIZE);
      }
      long all = height * (table.table().columns().size() + helpers) * ELEMENT;
      working = Math.max(working, all + Math.min(all, COSET_BYTES));
      logs.set(table.logHeight());
    }
    int largest = logs.length() - 1;
    long points = logs.stream().mapToLong(log -> POINT << log).sum() + (POINT << largest);
    long vectors = LARGEST_VECTORS * ELEMENT << largest;
    return new Estimate(
        cells,
        largest,
        FIXED_BYTES + (long) (WAITING * (kept + STEP * steps + points + vectors + working)),
        FIXED_SECONDS + SECONDS_PER_CELL * cells / threads);
  }

  /**
   * Less than any run of so many steps takes: each step is a row of some instruction table, so of
   * one that is as narrow as the narrowest, and rows are only ever added to that.
   */
  static Estimate least(long steps, int threads) {
    long cells = Long.MAX_VALUE;
    long helpers = Long.MAX_VALUE;
    for (Air air : TableSet.STANDARD.airs()) {
      if (air.table().role() == Table.Role.INSTRUCTION) {
        int main = air.table().columns(Column.Kind.MAIN).size();
        cells = Math.min(cells, main + air.helpers());
        helpers = Math.min(helpers, air.helpers());
      }
    }
    return new Estimate(
        steps * cells,
        0,
        FIXED_BYTES + (long) (WAITING * steps * (STEP + helpers * ELEMENT)),
        FIXED_SECONDS + SECONDS_PER_CELL * steps * cells / threads);
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
      case WITNESS -> 2;
      case COMMIT -> 9;
      case HELPERS -> 26;
      case QUOTIENT -> 50;
      case EVALUATE -> 4;
      case OPEN -> 7;
      case VERIFY -> 1;
    };
  }
}

package dev.zkwasm.table;

import dev.zkwasm.air.AffineForm;
import dev.zkwasm.air.Air;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.poly.TypedVector;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongUnaryOperator;

/**
 * Counts how often each row of a providing table is asked for, by evaluating the asking
 * interactions on filled rows. So multiplicities follow from the constraints and from nothing else.
 */
final class LookupCounter {
  private static final int BLOCK = 1024;

  /**
   * How a bus finds the row that provides a tuple.
   *
   * @param weights the key of a tuple is the sum of weight times entry over its first entries
   * @param rowOf from the key to the row
   * @param counts by row
   */
  private record Provider(long[] weights, LongUnaryOperator rowOf, long[] counts) {
    boolean asked() {
      return Arrays.stream(counts).anyMatch(count -> count != 0);
    }
  }

  private final Map<Bus, Provider> providers = new EnumMap<>(Bus.class);

  /** Row = sum of weight times entry. */
  void provide(Bus bus, int height, long... weights) {
    provide(bus, height, key -> key, weights);
  }

  void provide(Bus bus, int height, LongUnaryOperator rowOf, long... weights) {
    providers.put(bus, new Provider(weights, rowOf, new long[height]));
  }

  /** Adds what an instance with these main columns asks. */
  void count(Air air, List<TypedVector> main) {
    for (Interaction interaction : air.interactions()) {
      if (interaction.bus().lookup() && interaction.sign() > 0) {
        count(air, main, interaction, provider(interaction.bus()));
      }
    }
  }

  private static void count(
      Air air, List<TypedVector> main, Interaction interaction, Provider provider) {
    int height = main.getFirst().size();
    AffineForm multiplicity = AffineForm.of(interaction.multiplicity());
    AffineForm key = new AffineForm(BigInteger.ZERO, Map.of());
    for (int i = 0; i < provider.weights.length; i++) {
      key =
          key.plus(
              BigInteger.valueOf(provider.weights[i]), AffineForm.of(interaction.tuple().get(i)));
    }
    long[] times = new long[BLOCK];
    long[] keys = new long[BLOCK];
    long[] counts = provider.counts;
    for (int from = 0; from < height; from += BLOCK) {
      int length = Math.min(BLOCK, height - from);
      multiplicity.evaluate(main, from, length, times);
      key.evaluate(main, from, length, keys);
      for (int i = 0; i < length; i++) {
        if (times[i] != 0) {
          long row = provider.rowOf.applyAsLong(keys[i]);
          if (row < 0 || row >= counts.length) {
            throw new IllegalStateException(
                "table %s, row %d, '%s': bus %s does not provide %d"
                    .formatted(
                        air.table(), from + i, interaction.label(), interaction.bus(), keys[i]));
          }
          counts[(int) row] += times[i];
        }
      }
    }
  }

  /** Whether anything was asked on a bus. */
  boolean asked(Bus bus) {
    return provider(bus).asked();
  }

  /** How many rows are asked for on one or more of these buses, which one table provides. */
  int rowsAsked(List<Bus> buses) {
    BitSet rows = new BitSet();
    for (Bus bus : buses) {
      long[] counts = provider(bus).counts;
      for (int row = 0; row < counts.length; row++) {
        if (counts[row] != 0) {
          rows.set(row);
        }
      }
    }
    return rows.cardinality();
  }

  /** What was asked on a bus so far, by row, which another table is going to provide. */
  long[] take(Bus bus) {
    long[] counts = provider(bus).counts;
    long[] taken = counts.clone();
    Arrays.fill(counts, 0);
    return taken;
  }

  private Provider provider(Bus bus) {
    Provider provider = providers.get(bus);
    if (provider == null) {
      throw new IllegalStateException("nothing provides bus " + bus);
    }
    return provider;
  }

  /** The multiplicity column of a bus. */
  TypedVector multiplicities(Bus bus) {
    Provider provider = provider(bus);
    int[] column = new int[provider.counts.length];
    for (int row = 0; row < column.length; row++) {
      long count = provider.counts[row];
      if (count >>> 32 != 0) {
        throw new IllegalStateException(
            "bus " + bus + ", row " + row + ": asked " + count + " times");
      }
      column[row] = (int) count;
    }
    return new TypedVector.U32(column);
  }
}

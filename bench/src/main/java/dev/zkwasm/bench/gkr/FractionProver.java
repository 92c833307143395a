package dev.zkwasm.bench.gkr;

import dev.zkwasm.bench.gkr.FractionProof.Fraction;
import dev.zkwasm.bench.gkr.FractionProof.Halves;
import dev.zkwasm.bench.gkr.FractionProof.Layer;
import dev.zkwasm.bench.gkr.FractionProof.Round;
import dev.zkwasm.compute.cpu.VectorArithmetic;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.transcript.Transcript;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Adds up trees of fractions and proves the sums, layer by layer from the roots, on one thread.
 *
 * <p>Layer k of a tree has {@code 2^k} fractions; fraction x of it is the sum of the fractions x
 * and {@code x + 2^k} of the next layer. All trees share the randomness. With {@code z} the point
 * of the claims about layer k, the sumcheck is about
 *
 * <pre>sum_x eq(z, x) sum_i mu^i (p0 q1 + p1 q0 + lambda q0 q1)_i(x)</pre>
 *
 * <p>where {@code p0, q0, p1, q1} are the halves of layer k + 1. As {@code p0 + lambda q0} is
 * linear in the halves it replaces p0, times {@code mu^i}, and p1 is multiplied by the same: two
 * products remain for each point. The factor of eq that belongs to the running variable is taken
 * out of the polynomial (A. Gruen, ePrint 2024/108), so that it has degree two and two sums per
 * round are enough. Folding by a challenge and the next round's sums are one pass over memory.
 */
final class FractionProver {
  /** Groups that are worked on at a time: the scratch of a block stays in the first cache. */
  private static final int BLOCK = 8;

  private final VectorArithmetic vectors = new VectorArithmetic();
  private final int lanes = VectorArithmetic.lanes();
  private final int groupSize = VectorArithmetic.groupSize();

  private final double[] s0 = block();
  private final double[] s1 = block();
  private final double[] gateZero = block();
  private final double[] gateLeading = block();
  private final double[] sumZero = block();
  private final double[] sumLeading = block();

  private double[] block() {
    return new double[BLOCK * VectorArithmetic.groupSize()];
  }

  /**
   * The layers of a tree from size {@code lanes} on, by the logarithm of their size; below, empty.
   */
  private final class Tree {
    final double[][] p = layers();
    final double[][] q = layers();

    private double[][] layers() {
      double[][] layers = new double[log + 1][];
      for (int k = 0; k <= log; k++) {
        layers[k] = new double[(1 << k) / lanes * groupSize];
      }
      return layers;
    }
  }

  /** The four halves that a sumcheck runs over, in vectors: p0 and q0 at 0, p1 and q1 behind. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Arrays4(double[] p, double[] q) {}

  /** Seconds of the parts of the last proof, and of the thread's processor time for both. */
  record Seconds(double adding, double proving, double processor) {}

  private Seconds seconds = new Seconds(0, 0, 0);

  Seconds seconds() {
    return seconds;
  }

  private final int log;
  private final int logLanes = Integer.numberOfTrailingZeros(lanes);
  private final List<Tree> trees = new ArrayList<>();

  /** eq tables by the logarithm of their groups. */
  private final double[][] eqTables;

  /**
   * A prover with all the memory that it needs: it can be used again and again.
   *
   * @param log base-two logarithm of the leaves of a tree, so that there are at least two groups
   */
  FractionProver(int trees, int log) {
    if (log <= logLanes) {
      throw new IllegalArgumentException("at least 2^" + (logLanes + 1) + " leaves, not 2^" + log);
    }
    this.log = log;
    for (int i = 0; i < trees; i++) {
      this.trees.add(new Tree());
    }
    eqTables = new double[log - logLanes][];
    for (int k = 0; k < eqTables.length; k++) {
      eqTables[k] = new double[groupSize << k];
    }
  }

  /**
   * Proves.
   *
   * @param numerators of the leaves of tree i
   * @param denominators of the leaves of tree i
   */
  FractionProof prove(IntFunction<FrVector> numerators, IntFunction<FrVector> denominators) {
    for (int i = 0; i < trees.size(); i++) {
      load(numerators.apply(i), trees.get(i).p[log]);
      load(denominators.apply(i), trees.get(i).q[log]);
    }
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long processor = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    // Down to layer logLanes in vectors, from there one by one: small[k] are all trees' layers k.
    List<List<List<Fraction>>> small = new ArrayList<>();
    for (Tree tree : trees) {
      addUp(tree);
      small.add(addUpSmall(tree, logLanes));
    }
    long added = System.nanoTime();
    FractionProof proof = prove(small);
    seconds =
        new Seconds(
            (added - start) * 1e-9,
            (System.nanoTime() - added) * 1e-9,
            (threads.getCurrentThreadCpuTime() - processor) * 1e-9);
    return proof;
  }

  private void load(FrVector values, double[] to) {
    vectors.load(values, 0, to, 0, values.size() / lanes);
  }

  /** {@code p = p0 q1 + p1 q0, q = q0 q1}, layer by layer. */
  private void addUp(Tree tree) {
    for (int k = log - 1; k >= logLanes; k--) {
      int groups = (1 << k) / lanes;
      double[] p = tree.p[k + 1];
      double[] q = tree.q[k + 1];
      double[] sumP = tree.p[k];
      double[] sumQ = tree.q[k];
      for (int g = 0; g < groups; g += BLOCK) {
        int n = Math.min(BLOCK, groups - g);
        vectors.mul(p, g, q, groups + g, s0, 0, n);
        vectors.mul(p, groups + g, q, g, s1, 0, n);
        vectors.add(s0, 0, s1, 0, sumP, g, n);
        vectors.mul(q, g, q, groups + g, sumQ, g, n);
      }
    }
  }

  /** Layers 0 to k, one by one. */
  private List<List<Fraction>> addUpSmall(Tree tree, int k) {
    List<Fraction> layer = new ArrayList<>();
    FrVector p = store(tree.p[k], 0);
    FrVector q = store(tree.q[k], 0);
    for (int i = 0; i < lanes; i++) {
      layer.add(new Fraction(p.get(i), q.get(i)));
    }
    List<List<Fraction>> layers = new ArrayList<>();
    layers.add(layer);
    while (layer.size() > 1) {
      int half = layer.size() / 2;
      List<Fraction> sums = new ArrayList<>();
      for (int x = 0; x < half; x++) {
        sums.add(layer.get(x).add(layer.get(x + half)));
      }
      layers.addFirst(sums);
      layer = sums;
    }
    return layers;
  }

  private FrVector store(double[] a, int group) {
    FrVector values = new FrVector(lanes);
    vectors.store(a, group, values, 0, 1);
    return values;
  }

  private FractionProof prove(List<List<List<Fraction>>> small) {
    Transcript transcript = new Transcript();
    List<Fraction> roots = small.stream().map(layers -> layers.get(0).getFirst()).toList();
    FractionProof.absorb(transcript, roots);
    List<Fr> point = List.of();
    List<Fraction> claimed = roots;
    List<Layer> layers = new ArrayList<>();
    for (int k = 0; k < log; k++) {
      Fr lambda = transcript.challenge("lambda");
      Fr mu = transcript.challenge("mu");
      Sumcheck sumcheck =
          new Sumcheck(transcript, point, FractionProof.combine(claimed, lambda, mu));
      if (k >= logLanes) {
        sumcheck.runVectors(arrays(k + 1, lambda, mu), k);
      } else {
        for (List<List<Fraction>> tree : small) {
          sumcheck.addSmall(tree.get(k + 1), lambda, mu);
        }
      }
      sumcheck.runSmall();
      List<Halves> halves = sumcheck.halves(lambda, mu);
      FractionProof.absorbHalves(transcript, halves);
      Fr tau = transcript.challenge("tau");
      claimed = FractionProof.fold(halves, tau);
      point = FractionProof.extend(tau, sumcheck.challenges);
      layers.add(new Layer(sumcheck.rounds, halves));
    }
    return new FractionProof(roots, layers);
  }

  /**
   * The arrays of a layer, in place, with {@code p0 = mu^i (p0 + lambda q0)} and {@code p1 = mu^i
   * p1}.
   */
  private List<Arrays4> arrays(int layer, Fr lambda, Fr mu) {
    double[] weight = new double[groupSize];
    double[] both = new double[groupSize];
    List<Arrays4> arrays = new ArrayList<>();
    Fr power = Fr.ONE;
    for (Tree tree : trees) {
      double[] p = tree.p[layer];
      double[] q = tree.q[layer];
      int half = (1 << (layer - 1)) / lanes;
      vectors.fill(power, weight, 0);
      vectors.fill(power.mul(lambda), both, 0);
      for (int g = 0; g < half; g += BLOCK) {
        int n = Math.min(BLOCK, half - g);
        vectors.scale(p, g, weight, 0, s0, 0, n);
        vectors.scale(q, g, both, 0, s1, 0, n);
        vectors.add(s0, 0, s1, 0, p, g, n);
        vectors.scale(p, half + g, weight, 0, p, half + g, n);
      }
      arrays.add(new Arrays4(p, q));
      power = power.mul(mu);
    }
    return arrays;
  }

  /** One sumcheck; in vectors as long as there are enough elements, then one by one. */
  private final class Sumcheck {
    final List<Round> rounds = new ArrayList<>();
    final List<Fr> challenges = new ArrayList<>();
    private final Transcript transcript;
    private final List<Fr> point;
    private Fr claim;

    /** For each tree p0, q0, p1, q1, of the same length. */
    private final List<Fr[][]> small = new ArrayList<>();

    Sumcheck(Transcript transcript, List<Fr> point, Fr claim) {
      this.transcript = transcript;
      this.point = point;
      this.claim = claim;
    }

    /** Sends a round; gives the challenge. */
    private Fr round(Fr atZero, Fr leading) {
      Round round = new Round(atZero, leading);
      Fr z = point.get(rounds.size());
      rounds.add(round);
      round.absorb(transcript);
      Fr r = transcript.challenge("r");
      Fr atOne = claim.sub(Fr.ONE.sub(z).mul(atZero)).mul(z.inverse());
      claim = round.at(r, atOne);
      challenges.add(r);
      return r;
    }

    void addSmall(List<Fraction> layer, Fr lambda, Fr mu) {
      Fr weight = mu.pow(small.size());
      int half = layer.size() / 2;
      Fr[][] arrays = new Fr[4][half];
      for (int x = 0; x < half; x++) {
        Fraction low = layer.get(x);
        Fraction high = layer.get(x + half);
        arrays[0][x] = weight.mul(low.p().add(lambda.mul(low.q())));
        arrays[1][x] = low.q();
        arrays[2][x] = weight.mul(high.p());
        arrays[3][x] = high.q();
      }
      small.add(arrays);
    }

    // In vectors.

    /** Rounds over {@code 2^variables} points until one group of each half is left. */
    void runVectors(List<Arrays4> arrays, int variables) {
      int half = (1 << variables) / lanes;
      if (half > 1) {
        fillEqTables(variables);
      }
      int length = half;
      double[] r = new double[groupSize];
      boolean pending = false;
      while (length > 1) {
        if (pending) {
          length /= 2;
        }
        if (length == 1) {
          // The last challenge is only folded in.
          fold(arrays, half, r);
          break;
        }
        Arrays.fill(sumZero, 0);
        Arrays.fill(sumLeading, 0);
        // As many values as there are pairs.
        double[] eq = eqTables[Integer.numberOfTrailingZeros(length) - 1];
        pass(arrays, half, length, eq, pending ? r : null);
        vectors.fill(round(total(sumZero), total(sumLeading)), r, 0);
        pending = true;
      }
      for (Arrays4 a : arrays) {
        small.add(
            new Fr[][] {
              elements(a.p(), 0), elements(a.q(), 0), elements(a.p(), half), elements(a.q(), half)
            });
      }
    }

    private Fr[] elements(double[] a, int group) {
      FrVector values = store(a, group);
      Fr[] elements = new Fr[lanes];
      for (int i = 0; i < lanes; i++) {
        elements[i] = values.get(i);
      }
      return elements;
    }

    /** Folds arrays of two groups to one. */
    private void fold(List<Arrays4> arrays, int half, double[] r) {
      for (Arrays4 a : arrays) {
        for (int at = 0; at <= half; at += half) {
          foldTo(a.p(), at, at + 1, r, 1);
          foldTo(a.q(), at, at + 1, r, 1);
        }
      }
    }

    /** {@code a[low] += r (a[high] - a[low])} in so many groups. */
    private void foldTo(double[] a, int low, int high, double[] r, int groups) {
      vectors.sub(a, high, a, low, s0, 0, groups);
      vectors.scale(s0, 0, r, 0, s0, 0, groups);
      vectors.add(a, low, s0, 0, a, low, groups);
    }

    /**
     * Adds up a round, after folding by the last challenge, if there is one.
     *
     * @param half where p1 and q1 begin
     * @param length groups of an array once folded
     * @param eq the values of eq in the variables after this one
     * @param r the last challenge, or null before the first one
     */
    private void pass(
        List<Arrays4> arrays, int half, int length, double[] eq, double @Nullable [] r) {
      int pairs = length / 2;
      for (int g = 0; g < pairs; g += BLOCK) {
        int n = Math.min(BLOCK, pairs - g);
        boolean first = true;
        for (Arrays4 a : arrays) {
          int low = g;
          int high = g + pairs;
          if (r != null) {
            for (int at = 0; at <= half; at += half) {
              foldTo(a.p(), at + low, at + low + length, r, n);
              foldTo(a.p(), at + high, at + high + length, r, n);
              foldTo(a.q(), at + low, at + low + length, r, n);
              foldTo(a.q(), at + high, at + high + length, r, n);
            }
          }
          product(a.p(), low, a.q(), half + low, gateZero, n, first);
          product(a.p(), half + low, a.q(), low, gateZero, n, false);
          leading(a.p(), low, high, a.q(), half + low, half + high, n, first);
          leading(a.p(), half + low, half + high, a.q(), low, high, n, false);
          first = false;
        }
        vectors.mul(gateZero, 0, eq, g, s0, 0, n);
        vectors.add(sumZero, 0, s0, 0, sumZero, 0, n);
        vectors.mul(gateLeading, 0, eq, g, s0, 0, n);
        vectors.add(sumLeading, 0, s0, 0, sumLeading, 0, n);
      }
    }

    /** {@code sum += a b}, or {@code sum = a b}. */
    private void product(
        double[] a, int ao, double[] b, int bo, double[] sum, int groups, boolean first) {
      if (first) {
        vectors.mul(a, ao, b, bo, sum, 0, groups);
      } else {
        vectors.mul(a, ao, b, bo, s0, 0, groups);
        vectors.add(sum, 0, s0, 0, sum, 0, groups);
      }
    }

    /** {@code gateLeading += (a1 - a0) (b1 - b0)}. */
    private void leading(
        double[] a, int a0, int a1, double[] b, int b0, int b1, int groups, boolean first) {
      vectors.sub(a, a1, a, a0, s0, 0, groups);
      vectors.sub(b, b1, b, b0, s1, 0, groups);
      product(s0, 0, s1, 0, gateLeading, groups, first);
    }

    private Fr total(double[] sums) {
      Fr total = Fr.ZERO;
      for (int g = 0; g < BLOCK; g++) {
        for (Fr x : elements(sums, g)) {
          total = total.add(x);
        }
      }
      return total;
    }

    /** Fills table k with eq in the last variables, as many as its size takes. */
    private void fillEqTables(int variables) {
      double[] z = new double[groupSize];
      Fr[] last = eqSmall(variables - logLanes);
      FrVector packed = new FrVector(lanes);
      for (int i = 0; i < lanes; i++) {
        packed.set(i, last[i]);
      }
      load(packed, eqTables[0]);
      for (int k = 0; k < variables - logLanes - 1; k++) {
        int groups = 1 << k;
        double[] next = eqTables[k + 1];
        vectors.fill(point.get(variables - logLanes - 1 - k), z, 0);
        vectors.scale(eqTables[k], 0, z, 0, next, groups, groups);
        vectors.sub(eqTables[k], 0, next, groups, next, 0, groups);
      }
    }

    // One by one.

    /** eq in the variables from one on, all values. */
    private Fr[] eqSmall(int from) {
      Fr[] table = {Fr.ONE};
      for (int j = point.size() - 1; j >= from; j--) {
        Fr[] next = new Fr[2 * table.length];
        for (int x = 0; x < table.length; x++) {
          next[x + table.length] = table[x].mul(point.get(j));
          next[x] = table[x].sub(next[x + table.length]);
        }
        table = next;
      }
      return table;
    }

    /** The remaining rounds. */
    void runSmall() {
      while (rounds.size() < point.size()) {
        Fr[] eq = eqSmall(rounds.size() + 1);
        int pairs = eq.length;
        Fr atZero = Fr.ZERO;
        Fr leading = Fr.ZERO;
        for (Fr[][] a : small) {
          for (int x = 0; x < pairs; x++) {
            int y = x + pairs;
            Fr zero = a[0][x].mul(a[3][x]).add(a[2][x].mul(a[1][x]));
            Fr top =
                a[0][y]
                    .sub(a[0][x])
                    .mul(a[3][y].sub(a[3][x]))
                    .add(a[2][y].sub(a[2][x]).mul(a[1][y].sub(a[1][x])));
            atZero = atZero.add(eq[x].mul(zero));
            leading = leading.add(eq[x].mul(top));
          }
        }
        Fr r = round(atZero, leading);
        for (Fr[][] a : small) {
          for (Fr[] array : a) {
            for (int x = 0; x < pairs; x++) {
              array[x] = FractionProof.line(array[x], array[x + pairs], r);
            }
          }
        }
      }
    }

    /** The values that are left, with the weights taken off again. */
    List<Halves> halves(Fr lambda, Fr mu) {
      List<Halves> halves = new ArrayList<>();
      Fr unweight = Fr.ONE;
      Fr inverse = mu.inverse();
      for (Fr[][] a : small) {
        Fr p0 = a[0][0].mul(unweight).sub(lambda.mul(a[1][0]));
        Fr p1 = a[2][0].mul(unweight);
        halves.add(new Halves(new Fraction(p0, a[1][0]), new Fraction(p1, a[3][0])));
        unweight = unweight.mul(inverse);
      }
      return halves;
    }
  }
}

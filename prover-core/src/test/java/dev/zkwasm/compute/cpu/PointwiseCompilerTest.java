package dev.zkwasm.compute.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.cpu.PointwiseCode.Step;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.prover.ProverPrograms;
import dev.zkwasm.table.StandardSystem;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Compiled programs, judged by what {@link VectorKernels} asks of its operands and not by the
 * compiler's own accounts: the largest limbs and values that each step can meet are worked out
 * again, in integers, from the code alone, and held against the kernels' bounds. What the code
 * means is compared with what the program means; and the code is run on values whose limbs are the
 * largest.
 */
class PointwiseCompilerTest {
  private static final BigInteger P = Fr.MODULUS;
  private static final BigInteger LIMB = BigInteger.ONE.shiftLeft(51);
  private static final BigInteger HALF_LIMB = BigInteger.ONE.shiftLeft(50);
  private static final int TOP = 4 * 51;

  /** {@code Q} of {@link VectorKernels}, the multiple of p that the reduction adds, at most. */
  private static final BigInteger MOST_MULTIPLE = mostMultiple();

  private static final int COLUMNS = 6;
  private static final int PARAMETERS = 4;

  /** Not a multiple of a block, so that the last one is cut. */
  private static final int ROWS = 77;

  private static BigInteger mostMultiple() {
    BigInteger m = P.modInverse(LIMB);
    m = m.min(LIMB.subtract(m));
    BigInteger digits = BigInteger.ZERO;
    for (int i = 0; i < 4; i++) {
      digits = digits.shiftLeft(51).add(HALF_LIMB);
    }
    return m.multiply(digits).add(HALF_LIMB.shiftLeft(TOP));
  }

  /** How large limbs below the top one, the top limb, and the value may be. */
  private record Bound(BigInteger low, BigInteger top, BigInteger value) {
    static Bound of(BigInteger low, BigInteger value) {
      return new Bound(low, value.shiftRight(TOP).add(BigInteger.ONE), value);
    }

    static Bound centred() {
      return of(HALF_LIMB, P.shiftRight(1).add(BigInteger.ONE.shiftLeft(207)));
    }

    BigInteger limb(int i) {
      return i < 4 ? low : top;
    }

    Bound plus(Bound other) {
      return new Bound(low.add(other.low), top.add(other.top), value.add(other.value));
    }
  }

  /** How near programs came to the bounds; a test that stays far away from them shows little. */
  private static final class Nearest {
    private double column;
    private double product;
    private double centred;
    private int products;
  }

  private static void within(BigInteger actual, BigInteger most, String what) {
    assertTrue(actual.compareTo(most) <= 0, () -> what + ": " + actual + " exceeds " + most);
  }

  private static double share(BigInteger part, BigInteger of) {
    return part.multiply(BigInteger.valueOf(1000)).divide(of).doubleValue() / 1000;
  }

  /** What a step reads: a register's bound, or that of a value that is the same in all rows. */
  private static Bound operand(Bound[] registers, PointwiseCode code, int group, int step) {
    if (group >= code.registerGroups()) {
      assertEquals(0, step, "a value for all rows that moves on");
      return Bound.centred();
    }
    assertEquals(1, step, "a register that does not move on");
    assertEquals(0, group % PointwiseCode.BLOCK);
    Bound bound = registers[group / PointwiseCode.BLOCK];
    assertTrue(bound != null, "a register is read before it is written");
    return bound;
  }

  private static void checkBounds(PointwiseCode code, Nearest nearest) {
    Bound[] registers = new Bound[code.registerGroups() / PointwiseCode.BLOCK];
    BigInteger wide = LIMB.shiftLeft(1).add(BigInteger.ONE);
    for (Step step : code.steps()) {
      switch (step) {
        case Step.Load load ->
            registers[load.target() / PointwiseCode.BLOCK] = Bound.of(LIMB, P.shiftRight(1));
        case Step.Sum sum -> {
          Bound result = null;
          if (sum.productSigns().length > 0) {
            result = products(code, registers, sum, nearest);
            registers[sum.target() / PointwiseCode.BLOCK] = result;
          }
          for (int k = 0; k < sum.termSigns().length; k++) {
            assertEquals(1, Math.abs(sum.termSigns()[k]));
            Bound term = operand(registers, code, sum.terms()[2 * k], sum.terms()[2 * k + 1]);
            result = result == null ? term : result.plus(term);
          }
          if (result == null) {
            throw new AssertionError("a sum of nothing");
          }
          // Limbs are exact in doubles far beyond this; it is what centring asks.
          within(result.low, wide, "limbs of a sum");
          within(result.top, wide, "top limb of a sum");
          if (sum.centre()) {
            within(
                result.value.multiply(BigInteger.TEN),
                P.multiply(BigInteger.valueOf(41)),
                "ten times a value to be centred");
            nearest.centred =
                Math.max(
                    nearest.centred,
                    share(
                        result.value.multiply(BigInteger.TEN), P.multiply(BigInteger.valueOf(41))));
            result = Bound.centred();
          }
          registers[sum.target() / PointwiseCode.BLOCK] = result;
        }
        case Step.Store store -> {
          Bound bound = operand(registers, code, store.source(), 1);
          Bound twice = bound.plus(bound);
          within(twice.low, wide, "limbs of an output, doubled");
          within(twice.top, wide, "top limb of an output, doubled");
          within(
              twice.value.multiply(BigInteger.TEN),
              P.multiply(BigInteger.valueOf(41)),
              "ten times an output, doubled");
        }
      }
    }
  }

  private static Bound products(
      PointwiseCode code, Bound[] registers, Step.Sum sum, Nearest nearest) {
    int count = sum.productSigns().length;
    within(BigInteger.valueOf(count), BigInteger.valueOf(VectorKernels.MAX_PRODUCTS), "products");
    BigInteger[] columns = new BigInteger[2 * VectorKernels.LIMBS];
    Arrays.fill(columns, BigInteger.ONE.shiftLeft(54)); // the reduction's part
    BigInteger values = BigInteger.ZERO;
    for (int k = 0; k < count; k++) {
      assertEquals(1, Math.abs(sum.productSigns()[k]));
      int[] f = sum.factors();
      Bound a = operand(registers, code, f[4 * k], f[4 * k + 1]);
      Bound b = operand(registers, code, f[4 * k + 2], f[4 * k + 3]);
      values = values.add(a.value.multiply(b.value));
      for (int i = 0; i < VectorKernels.LIMBS; i++) {
        for (int j = 0; j < VectorKernels.LIMBS; j++) {
          BigInteger product = a.limb(i).multiply(b.limb(j));
          within(product, BigInteger.ONE.shiftLeft(102), "a product of limbs");
          columns[i + j] = columns[i + j].add(HALF_LIMB);
          columns[i + j + 1] = columns[i + j + 1].add(product.shiftRight(51)).add(BigInteger.ONE);
        }
      }
    }
    BigInteger bias = BigInteger.ONE.shiftLeft(58);
    for (BigInteger column : columns) {
      within(column, bias.subtract(BigInteger.ONE), "a column");
      nearest.column = Math.max(nearest.column, share(column, bias));
    }
    BigInteger value = values.add(MOST_MULTIPLE.multiply(P)).shiftRight(255).add(BigInteger.ONE);
    Bound result = Bound.of(HALF_LIMB, value);
    within(result.top, LIMB, "top limb of a reduced sum");
    nearest.product = Math.max(nearest.product, share(result.top, LIMB));
    nearest.products = Math.max(nearest.products, count);
    return result;
  }

  /** Runs code step by step, as the kernels do it, on exact values. */
  private static Fr[][] meaning(
      PointwiseCode code, PointwiseProgram program, Fr[][] columns, List<Fr> pool, int rows) {
    List<Fr> same = code.uniforms(pool);
    Fr[][] outputs = new Fr[program.outputs()][rows];
    for (Fr[] output : outputs) {
      Arrays.fill(output, Fr.ZERO);
    }
    Fr[] groups = new Fr[code.registerGroups() + same.size()];
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < same.size(); k++) {
        groups[code.registerGroups() + k] = same.get(k);
      }
      for (Step step : code.steps()) {
        switch (step) {
          case Step.Load load ->
              groups[load.target()] = columns[load.column()][(row + load.rotation()) % rows];
          case Step.Sum sum -> {
            Fr total = Fr.ZERO;
            for (int k = 0; k < sum.productSigns().length; k++) {
              Fr product = groups[sum.factors()[4 * k]].mul(groups[sum.factors()[4 * k + 2]]);
              total = sum.productSigns()[k] < 0 ? total.sub(product) : total.add(product);
            }
            if (sum.productSigns().length > 0) {
              groups[sum.target()] = total; // before the terms are read
            }
            for (int k = 0; k < sum.termSigns().length; k++) {
              Fr term = groups[sum.terms()[2 * k]];
              total = sum.termSigns()[k] < 0 ? total.sub(term) : total.add(term);
            }
            groups[sum.target()] = total;
          }
          case Step.Store store -> {
            Fr[] output = outputs[store.output()];
            Fr value = groups[store.source()];
            output[row] = store.add() ? output[row].add(value) : value;
          }
        }
      }
    }
    return outputs;
  }

  /** What the interpreter makes of a program; outputs that are added to begin with 0. */
  private static Fr[][] interpreted(
      PointwiseProgram program, Fr[][] columns, List<Fr> pool, int rows) {
    long[][] packed = new long[columns.length][];
    for (int c = 0; c < columns.length; c++) {
      packed[c] = pack(columns[c]);
    }
    long[][] outputs = new long[program.outputs()][4 * rows];
    new ScalarPointwise().run(program, packed, pool, outputs, rows, 0, rows);
    Fr[][] values = new Fr[outputs.length][rows];
    for (int o = 0; o < outputs.length; o++) {
      for (int row = 0; row < rows; row++) {
        values[o][row] = Fr.load(outputs[o], 4 * row);
      }
    }
    return values;
  }

  private static long[] pack(Fr[] values) {
    long[] packed = new long[4 * values.length];
    for (int i = 0; i < values.length; i++) {
      values[i].store(packed, 4 * i);
    }
    return packed;
  }

  /** Builds expressions as large as the compiler lets them grow before it gives up. */
  private static final class Expressions {
    private final Random random;
    private final PointwiseProgram.Builder b = new PointwiseProgram.Builder(COLUMNS, PARAMETERS);
    private final List<Integer> shared = new ArrayList<>();

    Expressions(long seed) {
      random = new Random(seed);
    }

    PointwiseProgram program() {
      for (int i = 0; i < 3; i++) {
        shared.add(expression(1 + i));
      }
      b.store(0, expression(4));
      b.accumulate(1, expression(3));
      b.store(2, shared.get(random.nextInt(shared.size())));
      return b.build();
    }

    /** Long sums of products of columns, and of sums of two columns: the most that fits a step. */
    PointwiseProgram longSums() {
      int plain = b.constant(Fr.ZERO);
      int nested = b.constant(Fr.ZERO);
      for (int i = 0; i < 40; i++) {
        int x = b.load(i % COLUMNS, i % 3);
        int y = b.load((i + i / COLUMNS) % COLUMNS, (i + 1) % 3);
        plain = i % 3 == 2 ? b.sub(plain, b.mul(x, y)) : b.add(plain, b.mul(x, y));
        int sum = b.add(x, b.load((i + 3) % COLUMNS, 2));
        int difference = b.sub(y, b.load((i + 1) % COLUMNS, 0));
        nested = b.add(nested, b.mul(sum, difference));
      }
      b.store(0, plain);
      b.store(1, nested);
      b.store(2, b.mul(plain, nested));
      return b.build();
    }

    private int leaf() {
      return switch (random.nextInt(8)) {
        case 0 -> b.parameter(random.nextInt(PARAMETERS));
        case 1 -> b.constant(Fr.of(random.nextInt(5) - 2));
        default -> b.load(random.nextInt(COLUMNS), random.nextInt(3));
      };
    }

    private int expression(int depth) {
      if (depth == 0 || random.nextInt(12) == 0) {
        return leaf();
      }
      if (!shared.isEmpty() && random.nextInt(8) == 0) {
        return shared.get(random.nextInt(shared.size()));
      }
      if (random.nextInt(5) < 2) {
        return b.mul(expression(depth - 1), expression(depth - 1));
      }
      int length = 2 + random.nextInt(depth > 2 ? 4 : 20);
      int sum = expression(depth - 1);
      for (int i = 1; i < length; i++) {
        int term =
            random.nextInt(3) > 0
                ? b.mul(expression(depth - 1), expression(0))
                : expression(depth - 1);
        sum =
            switch (random.nextInt(3)) {
              case 0 -> b.sub(sum, term);
              case 1 -> b.sub(term, sum);
              default -> b.add(sum, term);
            };
      }
      return sum;
    }
  }

  /**
   * Elements that unpack to large limbs: halves of packed forms with all low limbs full, of either
   * sign, with the largest top limb, the edges of the field; a third is random.
   */
  private static Fr[] extremes(Random random, int count) {
    BigInteger most = P.shiftRight(1);
    BigInteger top = BigInteger.ONE.shiftLeft(TOP);
    List<BigInteger> halves =
        List.of(
            most,
            most.negate(),
            most.divide(top).multiply(top).subtract(BigInteger.ONE),
            most.divide(top).multiply(top).negate().subtract(BigInteger.ONE).add(top),
            BigInteger.ONE.negate(),
            BigInteger.ONE.shiftLeft(252).subtract(BigInteger.ONE),
            top.subtract(BigInteger.ONE),
            BigInteger.ZERO);
    Fr[] values = new Fr[count];
    for (int i = 0; i < count; i++) {
      BigInteger half =
          random.nextInt(3) == 0
              ? new BigInteger(252, random)
              : halves.get(random.nextInt(halves.size()));
      long[] limbs = new long[PrimeField.LIMBS];
      BigInteger packed = half.shiftLeft(1).mod(P);
      for (int l = 0; l < limbs.length; l++) {
        limbs[l] = packed.shiftRight(64 * l).longValue();
      }
      values[i] = Fr.load(limbs, 0);
    }
    return values;
  }

  private static Fr[][] columns(Random random, int count, int rows) {
    Fr[][] columns = new Fr[count][];
    for (int c = 0; c < count; c++) {
      // Some columns of one value, so that nothing of a sum cancels.
      columns[c] = extremes(random, rows);
      if (random.nextInt(3) == 0) {
        Arrays.fill(columns[c], columns[c][0]);
      }
    }
    return columns;
  }

  @Test
  void noStepOfARandomProgramLeavesTheBounds() {
    Nearest nearest = new Nearest();
    int steps = 0;
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      Expressions expressions = new Expressions(seed);
      PointwiseProgram program = seed == 0 ? expressions.longSums() : expressions.program();
      PointwiseCode code = PointwiseCompiler.compile(program);
      steps += code.steps().size();
      checkBounds(code, nearest);
      int rows = 5;
      Fr[][] columns = columns(random, COLUMNS, rows);
      List<Fr> pool = program.pool(List.of(extremes(random, PARAMETERS)));
      assertArrayEquals(
          interpreted(program, columns, pool, rows),
          meaning(code, program, columns, pool, rows),
          () -> "of\n" + program);
    }
    System.out.printf(
        "compiled programs: %d steps, up to %d products in one; nearest to the bounds of columns"
            + " %.2f, of top limbs %.2f, of what is centred %.2f%n",
        steps, nearest.products, nearest.column, nearest.product, nearest.centred);
    // The bounds were nearly reached: they are what limits the compiler. (Columns stay further off,
    // as top limbs are smaller than the others, and so is the reduction's part than its bound.)
    assertTrue(nearest.column > 0.6 && nearest.product > 0.85 && nearest.centred > 0.9);
    assertTrue(nearest.products >= 15);
  }

  @Test
  void noStepOfTheProversOwnProgramsLeavesTheBounds() {
    Map<String, PointwiseProgram> programs = ProverPrograms.of(StandardSystem.get());
    assertTrue(programs.size() > 40, "programs: " + programs.keySet());
    Random random = new Random(1);
    programs.forEach(
        (name, program) -> {
          PointwiseCode code = PointwiseCompiler.compile(program);
          checkBounds(code, new Nearest());
          int rows = 4;
          Fr[][] columns = columns(random, program.columns(), rows);
          List<Fr> pool = program.pool(List.of(extremes(random, program.parameters())));
          assertArrayEquals(
              interpreted(program, columns, pool, rows),
              meaning(code, program, columns, pool, rows),
              name);
        });
  }

  /** By the kernels themselves, compiled or not. */
  @Test
  void largestLimbsComputeRight() {
    if (!VectorKernels.supported()) {
      String message = "compiled programs not run: no vectors for the kernels here";
      System.err.println("SKIPPED: " + message);
      Assumptions.abort(message);
    }
    VectorPointwise vectors =
        new VectorPointwise(new VectorKernels(PrimeField.FR), () -> true, new ScalarPointwise());
    for (int seed = 1000; seed < 1010; seed++) {
      Random random = new Random(seed);
      Expressions expressions = new Expressions(seed);
      PointwiseProgram program = seed == 1000 ? expressions.longSums() : expressions.program();
      Fr[][] columns = columns(random, COLUMNS, ROWS);
      List<Fr> pool = program.pool(List.of(extremes(random, PARAMETERS)));
      long[][] packed = new long[COLUMNS][];
      for (int c = 0; c < COLUMNS; c++) {
        packed[c] = pack(columns[c]);
      }
      long[][] expected = new long[program.outputs()][4 * ROWS];
      long[][] actual = new long[program.outputs()][4 * ROWS];
      new ScalarPointwise().run(program, packed, pool, expected, ROWS, 0, ROWS);
      vectors.run(program, packed, pool, actual, ROWS, 0, ROWS);
      assertArrayEquals(expected, actual, "seed " + seed);
    }
  }
}

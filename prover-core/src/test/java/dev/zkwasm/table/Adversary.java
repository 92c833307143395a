package dev.zkwasm.table;

import dev.zkwasm.air.AffineForm;
import dev.zkwasm.air.Air;
import dev.zkwasm.air.Cells;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.field.Fr;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks for another valid row with the same inputs: what the row takes from other rows, and what it
 * looks up in the program and among the input words, stays. Booleans that the operation does not
 * fix are tried both ways, up to a given number at once; for each choice the constraints, affine in
 * the rest, are solved, and limbs are normalised into their ranges where that can be. With no
 * boolean flipped, the directions that the equations leave open are walked along.
 *
 * <p>So what it proposes violates ranges only if no equation stands against it, and ranges must
 * object.
 */
final class Adversary {
  /** Inverses of powers of two, by exponent. */
  private static final Map<Integer, Fr> INVERSES = new ConcurrentHashMap<>();

  private final TableInstance instance;
  private final Air air;
  private final int row;

  /** Booleans flipped at once, at most. */
  private final int flips;

  /** Expressions that are 0 in a valid row: constraints, and inputs minus their values. */
  private final List<Expr> equations = new ArrayList<>();

  /** The columns of each equation. */
  private final List<Set<Column>> used = new ArrayList<>();

  private final List<Column> unknowns = new ArrayList<>();
  private final List<List<Column>> limbs;
  private final List<Column> booleans = new ArrayList<>();

  Adversary(Air air, TableInstance instance, int row, int flips) {
    this.flips = flips;
    this.air = air;
    this.instance = instance;
    this.row = row;
    for (Constraint constraint : air.constraints()) {
      equations.add(constraint.expr());
    }
    Set<Column> fixed = new HashSet<>();
    RowChecker honest = new RowChecker(air, instance);
    for (Interaction interaction : air.interactions()) {
      RowChecker.Contribution contribution = honest.contribution(interaction, row);
      boolean input =
          interaction.sign() < 0
              || interaction.bus() == Bus.PROGRAM
              || interaction.bus() == Bus.PUBLIC
              || interaction.bus() == Bus.PRIVATE;
      if (!input || contribution.multiplicity().isZero()) {
        continue;
      }
      for (int i = 0; i < interaction.tuple().size(); i++) {
        Expr entry = interaction.tuple().get(i);
        if (entry instanceof Column column) {
          fixed.add(column);
        } else if (interaction.bus() == Bus.PROGRAM && i == 1) {
          // Distinct bits: the operation fixes all its flags.
          fixed.addAll(AffineForm.of(entry).coefficients().keySet());
        } else {
          equations.add(entry.minus(Expr.of(contribution.tuple().get(i).toBigInteger())));
        }
      }
    }
    fixed.add(air.table().columns(Column.Kind.MAIN).getFirst());
    for (Column column : air.table().columns(Column.Kind.MAIN)) {
      if (!fixed.contains(column)) {
        (column.width() == Width.BIT ? booleans : unknowns).add(column);
      }
    }
    for (Expr equation : equations) {
      Set<Column> columns = new HashSet<>();
      columns(equation, columns);
      used.add(columns);
    }
    limbs = limbGroups(unknowns);
  }

  /** Rows that nothing but ranges can object to, as changes; the honest row is not among them. */
  List<Map<Column, Fr>> proposals() {
    List<Map<Column, Fr>> proposals = new ArrayList<>();
    for (List<Column> subset : subsets()) {
      Map<Column, Fr> flipped = new LinkedHashMap<>();
      subset.forEach(c -> flipped.put(c, Fr.ONE.sub(instance.cell(c, row))));
      solve(flipped, proposals);
    }
    proposals.removeIf(
        p ->
            p.entrySet().stream()
                .allMatch(e -> e.getValue().equals(instance.cell(e.getKey(), row))));
    return proposals;
  }

  private List<List<Column>> subsets() {
    List<List<Column>> subsets = new ArrayList<>();
    subsets.add(List.of());
    int from = 0;
    for (int size = 1; size <= Math.min(flips, booleans.size()); size++) {
      int to = subsets.size();
      for (; from < to; from++) {
        List<Column> smaller = subsets.get(from);
        int first = smaller.isEmpty() ? 0 : booleans.indexOf(smaller.getLast()) + 1;
        for (Column more : booleans.subList(first, booleans.size())) {
          List<Column> larger = new ArrayList<>(smaller);
          larger.add(more);
          subsets.add(larger);
        }
      }
    }
    return subsets;
  }

  private void solve(Map<Column, Fr> flipped, List<Map<Column, Fr>> proposals) {
    // Rows of the system: gradient in the unknowns, then what is missing to 0.
    List<Fr[]> system = new ArrayList<>();
    int n = unknowns.size();
    Evaluator at = new Evaluator(flipped);
    List<Evaluator> shifted = unknowns.stream().map(at::shifted).toList();
    for (int e = 0; e < equations.size(); e++) {
      Expr equation = equations.get(e);
      Fr[] line = new Fr[n + 1];
      Arrays.fill(line, Fr.ZERO);
      Fr value = at.evaluate(equation);
      line[n] = value.negate();
      for (int j = 0; j < n; j++) {
        if (used.get(e).contains(unknowns.get(j))) {
          line[j] = shifted.get(j).evaluate(equation).sub(value);
        }
      }
      if (Arrays.stream(line).anyMatch(v -> !v.isZero())) {
        system.add(line);
      }
    }
    int[] pivots = eliminate(system, n);
    for (int i = pivots.length; i < system.size(); i++) {
      if (!system.get(i)[n].isZero()) {
        return;
      }
    }
    Fr[] zero = new Fr[n];
    Arrays.fill(zero, Fr.ZERO);
    Fr[] shift = zero.clone();
    for (int i = 0; i < pivots.length; i++) {
      shift[pivots[i]] = system.get(i)[n];
    }
    if (!flipped.isEmpty()) {
      propose(flipped, shift, proposals);
      return;
    }
    List<Fr[]> kernel = kernel(system, pivots, n);
    for (int i = 0; i < kernel.size(); i++) {
      Fr[] direction = kernel.get(i);
      for (long factor : new long[] {1, -1, 256, 1 << 16}) {
        Fr by = Fr.of(factor);
        propose(flipped, combine(shift, Fr.ONE, direction, by), proposals);
        propose(flipped, combine(shift, Fr.ONE, direction, by.inverse()), proposals);
      }
      for (Fr[] other : kernel.subList(0, i)) {
        propose(
            flipped,
            combine(combine(shift, Fr.ONE, direction, Fr.ONE), Fr.ONE, other, Fr.of(-1)),
            proposals);
      }
    }
  }

  private static Fr[] combine(Fr[] a, Fr x, Fr[] b, Fr y) {
    Fr[] sum = new Fr[a.length];
    Arrays.setAll(sum, i -> a[i].mul(x).add(b[i].mul(y)));
    return sum;
  }

  /** Gauss and Jordan; the first rows of the system get pivots, the others have none. */
  private static int[] eliminate(List<Fr[]> system, int n) {
    List<Integer> pivots = new ArrayList<>();
    for (int column = 0; column < n && pivots.size() < system.size(); column++) {
      int rank = pivots.size();
      int found = rank;
      while (found < system.size() && system.get(found)[column].isZero()) {
        found++;
      }
      if (found == system.size()) {
        continue;
      }
      Fr[] pivot = system.get(found);
      system.set(found, system.get(rank));
      system.set(rank, pivot);
      Fr inverse = pivot[column].inverse();
      for (int j = 0; j <= n; j++) {
        pivot[j] = pivot[j].mul(inverse);
      }
      for (int i = 0; i < system.size(); i++) {
        Fr[] line = system.get(i);
        Fr factor = line[column];
        if (i != rank && !factor.isZero()) {
          for (int j = 0; j <= n; j++) {
            line[j] = line[j].sub(factor.mul(pivot[j]));
          }
        }
      }
      pivots.add(column);
    }
    return pivots.stream().mapToInt(Integer::intValue).toArray();
  }

  private static List<Fr[]> kernel(List<Fr[]> system, int[] pivots, int n) {
    List<Fr[]> kernel = new ArrayList<>();
    for (int free = 0; free < n; free++) {
      int column = free;
      if (Arrays.stream(pivots).anyMatch(p -> p == column)) {
        continue;
      }
      Fr[] direction = new Fr[n];
      Arrays.fill(direction, Fr.ZERO);
      direction[free] = Fr.ONE;
      for (int i = 0; i < pivots.length; i++) {
        direction[pivots[i]] = system.get(i)[free].negate();
      }
      kernel.add(direction);
    }
    return kernel;
  }

  /** Proposes the row as solved, and with its limbs normalised. */
  private void propose(Map<Column, Fr> flipped, Fr[] shift, List<Map<Column, Fr>> proposals) {
    Map<Column, Fr> solved = new LinkedHashMap<>(flipped);
    for (int j = 0; j < shift.length; j++) {
      solved.put(unknowns.get(j), instance.cell(unknowns.get(j), row).add(shift[j]));
    }
    proposals.add(solved);
    Map<Column, Fr> normal = new LinkedHashMap<>(solved);
    limbs.forEach(g -> normalise(normal, g));
    proposals.add(normal);
  }

  /**
   * Unknown columns that are limbs of one number: same name but for the last digit; bytes by fours.
   */
  List<List<Column>> limbGroups() {
    return limbs;
  }

  private static List<List<Column>> limbGroups(List<Column> unknowns) {
    Map<String, List<Column>> groups = new LinkedHashMap<>();
    for (Column column : unknowns) {
      String name = column.name();
      int digit = name.charAt(name.length() - 1) - '0';
      boolean limb = column.width() == Width.U16 || column.width() == Width.U8;
      if (limb && digit >= 0 && digit <= 9) {
        String number = name.replaceAll("[0-9]+$", "");
        int index = Integer.parseInt(name.substring(number.length()));
        String key = column.width() == Width.U8 ? number + " " + index / 4 : number;
        groups.computeIfAbsent(key, k -> new ArrayList<>()).add(column);
      }
    }
    return groups.values().stream().filter(g -> g.size() > 1).toList();
  }

  /** Cuts the number that limbs make up into limbs in range, if it is one of so many. */
  static void normalise(Map<Column, Fr> values, List<Column> limbs) {
    int bits = limbs.getFirst().width() == Width.U8 ? 8 : 16;
    BigInteger sum = BigInteger.ZERO;
    for (int i = limbs.size() - 1; i >= 0; i--) {
      sum = sum.shiftLeft(bits).add(values.getOrDefault(limbs.get(i), Fr.ZERO).toBigInteger());
    }
    sum = sum.mod(Fr.MODULUS);
    if (sum.bitLength() <= bits * limbs.size()) {
      for (Column limb : limbs) {
        values.put(limb, Fr.of(sum.mod(BigInteger.ONE.shiftLeft(bits))));
        sum = sum.shiftRight(bits);
      }
    }
  }

  /** The number that limbs make up, with one of them taking all of it. */
  static void absorb(Map<Column, Fr> values, List<Column> limbs, int by) {
    int bits = limbs.getFirst().width() == Width.U8 ? 8 : 16;
    Fr sum = Fr.ZERO;
    for (int i = 0; i < limbs.size(); i++) {
      Fr weight = Fr.of(BigInteger.ONE.shiftLeft(bits * i));
      sum = sum.add(values.getOrDefault(limbs.get(i), Fr.ZERO).mul(weight));
      values.put(limbs.get(i), Fr.ZERO);
    }
    Fr weight =
        INVERSES.computeIfAbsent(
            bits * by, shift -> Fr.of(BigInteger.ONE.shiftLeft(shift)).inverse());
    values.put(limbs.get(by), sum.mul(weight));
  }

  private static void columns(Expr expr, Set<Column> into) {
    switch (expr) {
      case Column column -> into.add(column);
      case Expr.Next next -> into.add(next.column());
      case Expr.Constant constant -> {}
      case Expr.Binary binary -> {
        columns(binary.left(), into);
        columns(binary.right(), into);
      }
    }
  }

  /** Evaluates in the row with some cells changed. */
  private final class Evaluator {
    private final Map<Column, Fr> changes;
    private final RowChecker rows;

    Evaluator(Map<Column, Fr> changes) {
      this.changes = changes;
      this.rows =
          new RowChecker(
              air,
              new Cells() {
                @Override
                public int height() {
                  return instance.height();
                }

                @Override
                public Fr cell(Column column, int of) {
                  Fr change = of == row ? changes.get(column) : null;
                  return change == null ? instance.cell(column, of) : change;
                }
              });
    }

    Fr evaluate(Expr expr) {
      return rows.evaluate(expr, row);
    }

    Evaluator shifted(Column column) {
      Map<Column, Fr> more = new HashMap<>(changes);
      more.put(column, changes.getOrDefault(column, instance.cell(column, row)).add(Fr.ONE));
      return new Evaluator(more);
    }
  }
}

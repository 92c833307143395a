package dev.zkwasm.table;

import dev.zkwasm.air.AffineForm;
import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.bus.Bus;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * An instruction table with small words, for one operation: a byte has so few bits that all inputs
 * of a row can be gone through, and for each all rows that satisfy the constraints and lookups.
 *
 * <p>What makes the words of a table is its constants: 2^8, 2^16, 2^24, 2^32, 2^64 are replaced by
 * the powers of a smaller byte, and the ranges of the lookups with them. The field is a small prime
 * one, far above all sums of the small words as r is above those of the large ones. The rest of the
 * constraints is taken as it is. Time, and the previous values of what is overwritten, are left
 * out: they say nothing of results.
 */
final class SmallTable {
  /** 2^31 - 1: products fit a long. */
  private static final long P = Integer.MAX_VALUE;

  private static final int NO_DOMAIN = -1;

  /** The form of an expression that has none. */
  private static final long[] NOT_AFFINE = {};

  /** Numbers of registers, fetched fields that are no operands, and the state: any will do. */
  private static final long[] FETCHED = {3, 0, 11, 13, 17};

  private final Air air;

  /** Bits of a byte. */
  private final int byteBits;

  private final List<Column> cells = new ArrayList<>();
  private final Map<Column, Integer> index = new LinkedHashMap<>();
  private final Map<Column, Long> fixed = new LinkedHashMap<>();

  /** Expressions that are 0, then the inputs, each less its value. */
  private final List<Expr> equations = new ArrayList<>();

  private final List<Expr> inputs = new ArrayList<>();
  private final List<Interaction> lookups = new ArrayList<>();
  private final List<Expr> outputs = new ArrayList<>();
  private final long[] domain;

  /** Bit sets of the cells in each equation, and in each lookup. */
  private final long[] inEquation;

  private final long[] inLookup;

  // ---- the search

  private final long[] value;
  private final boolean[] known;
  private long[] given = {};
  private final Set<List<Long>> found = new HashSet<>();
  private long rows;
  private boolean undetermined;

  /**
   * The table for one operation.
   *
   * @param flags the values of the flags, active among them
   * @param byteBits bits of a byte
   */
  SmallTable(Air air, Map<Column, Long> flags, int byteBits) {
    this.air = air;
    this.byteBits = byteBits;
    fixed.putAll(flags);
    for (Interaction interaction : air.interactions()) {
      collect(interaction);
    }
    Set<Column> relevant = new LinkedHashSet<>();
    air.constraints().forEach(c -> columns(c.expr(), relevant));
    lookups.forEach(l -> l.tuple().forEach(e -> columns(e, relevant)));
    outputs.forEach(e -> columns(e, relevant));
    inputs.removeIf(
        input -> {
          Set<Column> used = new HashSet<>();
          columns(input, used);
          return used.stream().noneMatch(relevant::contains);
        });
    relevant.removeAll(fixed.keySet());
    relevant.forEach(
        c -> {
          index.put(c, cells.size());
          cells.add(c);
        });
    air.constraints().forEach(c -> equations.add(c.expr()));
    equations.addAll(inputs);
    domain = new long[cells.size()];
    Arrays.fill(domain, NO_DOMAIN);
    for (Constraint constraint : air.constraints()) {
      if (constraint.label().endsWith(" is boolean")) {
        Set<Column> used = new HashSet<>();
        columns(constraint.expr(), used);
        used.stream().filter(index::containsKey).forEach(c -> domain[at(c)] = 2);
      }
    }
    for (Interaction lookup : lookups) {
      for (int i = 0; i < lookup.tuple().size(); i++) {
        long size = range(lookup.bus(), i);
        if (size > 0
            && lookup.tuple().get(i) instanceof Column c
            && index.containsKey(c)
            && always(lookup)) {
          int at = at(c);
          domain[at] = domain[at] == NO_DOMAIN ? size : Math.min(domain[at], size);
        }
      }
    }
    value = new long[cells.size()];
    known = new boolean[cells.size()];
    if (cells.size() >= Long.SIZE) {
      throw new IllegalStateException(air.table() + " has too many cells");
    }
    inEquation = equations.stream().mapToLong(e -> mask(List.of(e))).toArray();
    inLookup =
        lookups.stream()
            .mapToLong(
                l -> {
                  List<Expr> all = new ArrayList<>(l.tuple());
                  all.add(l.multiplicity());
                  return mask(all);
                })
            .toArray();
  }

  private int at(Column cell) {
    return Objects.requireNonNull(index.get(cell), cell.name());
  }

  private long mask(List<Expr> of) {
    Set<Column> used = new HashSet<>();
    of.forEach(e -> columns(e, used));
    return used.stream().filter(index::containsKey).mapToLong(c -> 1L << at(c)).sum();
  }

  /** Sorts an interaction: what it asks, what it takes from other rows, what it sends to them. */
  private void collect(Interaction interaction) {
    List<Expr> tuple = interaction.tuple();
    switch (interaction.bus()) {
      case PROGRAM -> {
        fix(tuple.get(0), FETCHED[0]);
        for (int i = 2; i < 5; i++) {
          fix(tuple.get(i), FETCHED[i]);
        }
        inputs.addAll(tuple.subList(5, 7).stream().filter(e -> !constant(e)).toList());
      }
      case EXEC -> {
        if (interaction.sign() < 0) {
          fix(tuple.get(1), 19);
          fix(tuple.get(2), 400);
          fix(tuple.get(3), 2);
        } else {
          outputs.addAll(List.of(tuple.get(0), tuple.get(1), tuple.get(3)));
        }
      }
      case MEMORY -> {
        if (!made(interaction)) {
          return;
        }
        if (interaction.sign() < 0) {
          inputs.addAll(tuple.subList(2, 4).stream().filter(e -> !constant(e)).toList());
        } else {
          outputs.addAll(tuple.subList(1, 4));
        }
      }
      default -> {
        if (interaction.bus().lookup() && !interaction.label().endsWith(": earlier")) {
          lookups.add(interaction);
        }
      }
    }
  }

  private void fix(Expr entry, long number) {
    if (entry instanceof Column column) {
      fixed.putIfAbsent(column, number);
    }
  }

  private static boolean constant(Expr entry) {
    Set<Column> used = new HashSet<>();
    columns(entry, used);
    return used.isEmpty();
  }

  /** Whether an interaction is made by this operation; its multiplicity is one of flags. */
  private boolean made(Interaction interaction) {
    AffineForm form = AffineForm.of(interaction.multiplicity());
    BigInteger sum = form.constant();
    for (Map.Entry<Column, BigInteger> term : form.coefficients().entrySet()) {
      Long flag = fixed.get(term.getKey());
      if (flag == null) {
        throw new IllegalStateException(interaction.label() + " depends on " + term.getKey());
      }
      sum = sum.add(term.getValue().multiply(BigInteger.valueOf(flag)));
    }
    return sum.signum() != 0;
  }

  /** Whether a lookup is asked whatever the cells are. */
  private boolean always(Interaction lookup) {
    return fixed.keySet().containsAll(AffineForm.of(lookup.multiplicity()).coefficients().keySet())
        && made(lookup);
  }

  /** Size of the range that a lookup shows for an entry by itself, or 0. */
  private long range(Bus bus, int entry) {
    return switch (bus) {
      case RANGE16 -> 1L << (2 * byteBits);
      case SIGN16 -> entry == 0 ? 1L << (2 * byteBits) : 2;
      case PAIR, AND -> 1L << byteBits;
      case POWER -> entry == 0 ? 1L << byteBits : 0;
      default -> 0;
    };
  }

  /** Inputs of a row: halves of operands and constants. */
  int inputs() {
    return inputs.size();
  }

  /** Values of an input. */
  long halves() {
    return 1L << (4 * byteBits);
  }

  /** Rows that were found to satisfy everything. */
  long rows() {
    return rows;
  }

  /**
   * Whether a cell that others see is left open by some row.
   *
   * @return what the rows with these inputs send, without repetition
   */
  Set<List<Long>> solve(long[] of) {
    given = of;
    found.clear();
    Arrays.fill(known, false);
    search(-1L);
    return Set.copyOf(found);
  }

  /** Whether a row was found that leaves open what it sends. */
  boolean undetermined() {
    return undetermined;
  }

  /** Goes on after some cells, given as a bit set, have got values. */
  private void search(long changed) {
    boolean[] before = known.clone();
    long[] ranges = domain.clone();
    if (propagate(changed)) {
      int branch = branch();
      if (branch < 0) {
        rows++;
        finish();
      } else {
        known[branch] = true;
        long values = domain[branch];
        for (long v = 0; v < values; v++) {
          value[branch] = v;
          search(1L << branch);
        }
      }
    }
    System.arraycopy(before, 0, known, 0, known.length);
    System.arraycopy(ranges, 0, domain, 0, domain.length);
  }

  private void finish() {
    long open = 0;
    for (int i = 0; i < known.length; i++) {
      open |= known[i] ? 0 : 1L << i;
    }
    // What is still open must be in nothing that has to hold.
    for (int i = 0; i < equations.size(); i++) {
      if ((inEquation[i] & open) != 0) {
        long[] form = form(equations.get(i));
        undetermined |= !affine(form) || unknowns(form) > 0;
      }
    }
    for (int i = 0; i < lookups.size(); i++) {
      long[] times = (inLookup[i] & open) == 0 ? NOT_AFFINE : form(lookups.get(i).multiplicity());
      undetermined |= affine(times) && (unknowns(times) > 0 || times[cells.size()] != 0);
    }
    List<Long> sent = new ArrayList<>();
    for (Expr output : outputs) {
      long[] form = form(output);
      if (!affine(form) || unknowns(form) > 0) {
        undetermined = true;
        return;
      }
      sent.add(form[cells.size()]);
    }
    found.add(sent);
  }

  /** Fills in what follows from the cells that got values; false if nothing fits. */
  private boolean propagate(long first) {
    long changed = first;
    int firstInput = equations.size() - inputs.size();
    while (changed != 0) {
      long now = 0;
      for (int i = 0; i < equations.size(); i++) {
        if ((inEquation[i] & (changed | now)) == 0 && first != -1) {
          continue;
        }
        long[] form = form(equations.get(i));
        if (!affine(form)) {
          continue;
        }
        if (i >= firstInput) {
          form[cells.size()] = reduce(form[cells.size()] - given[i - firstInput]);
        }
        int unknowns = unknowns(form);
        if (unknowns == 0) {
          if (form[cells.size()] != 0) {
            return false;
          }
        } else if (unknowns == 1) {
          int cell = first(form);
          long solved = reduce(-form[cells.size()] * inverse(form[cell]) % P);
          if (domain[cell] != NO_DOMAIN && solved >= domain[cell]) {
            return false;
          }
          value[cell] = solved;
          known[cell] = true;
          now |= 1L << cell;
        } else if (!mayBe(form, 0, 1)) {
          return false;
        }
      }
      for (int i = 0; i < lookups.size(); i++) {
        if ((inLookup[i] & (changed | now)) == 0 && first != -1) {
          continue;
        }
        int cell = look(lookups.get(i));
        if (cell == REFUSED) {
          return false;
        }
        now |= cell == NOTHING ? 0 : 1L << cell;
      }
      changed = now;
    }
    return true;
  }

  private static final int NOTHING = -1;
  private static final int REFUSED = -2;

  /** The cell that follows from a lookup, or that none does, or that nobody provides it. */
  private int look(Interaction lookup) {
    long[] times = form(lookup.multiplicity());
    if (!affine(times) || unknowns(times) > 0 || times[cells.size()] == 0) {
      return NOTHING;
    }
    List<Expr> tuple = lookup.tuple();
    long[][] entries = new long[tuple.size()][];
    for (int i = 0; i < entries.length; i++) {
      long[] form = form(tuple.get(i));
      if (!affine(form)) {
        return NOTHING;
      }
      entries[i] = form;
      long range = range(lookup.bus(), i);
      if (range > 0 && !mayBe(form, 0, range)) {
        return REFUSED;
      }
      if (range > 0 && tuple.get(i) instanceof Column column && unknowns(form) == 1) {
        int at = at(column);
        domain[at] = domain[at] == NO_DOMAIN ? range : Math.min(domain[at], range);
      }
    }
    int last = entries.length - 1;
    for (int i = 0; i < last; i++) {
      if (unknowns(entries[i]) > 0) {
        return NOTHING;
      }
    }
    if (last == 0 || lookup.bus() == Bus.PAIR) {
      return NOTHING;
    }
    long x = entries[0][cells.size()];
    long provided =
        switch (lookup.bus()) {
          case SIGN16 -> x >> (2 * byteBits - 1);
          case AND -> x & entries[1][cells.size()];
          case POWER -> {
            long width = entries[1][cells.size()] == 1 ? 8L * byteBits : 4L * byteBits;
            long shift = x % width;
            yield 1L << (entries[2][cells.size()] == 1 ? width - 1 - shift : shift);
          }
          default -> throw new IllegalStateException("no small " + lookup.bus());
        };
    long[] result = entries[last];
    if (unknowns(result) == 0) {
      return result[cells.size()] == provided ? NOTHING : REFUSED;
    }
    if (unknowns(result) == 1) {
      int cell = first(result);
      value[cell] = reduce((provided - result[cells.size()]) % P * inverse(result[cell]) % P);
      known[cell] = true;
      return cell;
    }
    return NOTHING;
  }

  /** Whether an affine form can take a value from {@code low} to below {@code high}. */
  private boolean mayBe(long[] form, long low, long high) {
    long least = signed(form[cells.size()]);
    long most = least;
    for (int i = 0; i < cells.size(); i++) {
      if (form[i] != 0) {
        if (domain[i] == NO_DOMAIN) {
          return true;
        }
        long reach = signed(form[i]) * (domain[i] - 1);
        least += Math.min(0, reach);
        most += Math.max(0, reach);
      }
    }
    // Sums that could come around the prime are not judged.
    return most - least >= P || least < high && most >= low || most >= low + P || least < high - P;
  }

  /** The next cell to try: of small domains first, then the one that weighs most. */
  private int branch() {
    int best = -1;
    long heaviest = -1;
    for (int i = 0; i < known.length; i++) {
      if (!known[i] && domain[i] == 2) {
        return i;
      }
    }
    long open = 0;
    for (int i = 0; i < known.length; i++) {
      open |= known[i] || domain[i] == NO_DOMAIN ? 0 : 1L << i;
    }
    for (int e = 0; e < equations.size(); e++) {
      if ((inEquation[e] & open) == 0) {
        continue;
      }
      long[] form = form(equations.get(e));
      for (int i = 0; affine(form) && i < known.length; i++) {
        long weight = Math.abs(signed(form[i]));
        if (form[i] != 0 && domain[i] != NO_DOMAIN && weight > heaviest) {
          heaviest = weight;
          best = i;
        }
      }
    }
    for (int i = 0; best < 0 && i < known.length; i++) {
      if (!known[i] && domain[i] != NO_DOMAIN) {
        best = i;
      }
    }
    return best;
  }

  private static boolean affine(long[] form) {
    return form.length > 0;
  }

  private int unknowns(long[] form) {
    int count = 0;
    for (int i = 0; i < cells.size(); i++) {
      count += form[i] == 0 ? 0 : 1;
    }
    return count;
  }

  private int first(long[] form) {
    int i = 0;
    while (form[i] == 0) {
      i++;
    }
    return i;
  }

  /**
   * The expression as an affine form in the cells that are not known, the constant last, or {@link
   * #NOT_AFFINE}.
   */
  private long[] form(Expr expr) {
    switch (expr) {
      case Expr.Constant constant -> {
        return constantForm(small(constant.value()));
      }
      case Column column -> {
        Long number = fixed.get(column);
        if (number != null) {
          return constantForm(number);
        }
        Integer at = index.get(column);
        if (at == null) {
          throw new IllegalStateException("what is " + column + " of " + air.table() + "?");
        }
        if (known[at]) {
          return constantForm(value[at]);
        }
        long[] form = new long[cells.size() + 1];
        form[at] = 1;
        return form;
      }
      case Expr.Next next -> throw new IllegalStateException("a next row: " + next.column());
      case Expr.Binary binary -> {
        long[] left = form(binary.left());
        long[] right = form(binary.right());
        if (binary.operator() == Expr.Operator.MULTIPLY) {
          return product(left, right);
        }
        if (!affine(left) || !affine(right)) {
          return NOT_AFFINE;
        }
        long sign = binary.operator() == Expr.Operator.ADD ? 1 : -1;
        for (int i = 0; i < left.length; i++) {
          left[i] = reduce(left[i] + sign * right[i]);
        }
        return left;
      }
    }
  }

  private long[] product(long[] left, long[] right) {
    if (affine(left) && unknowns(left) == 0 && left[cells.size()] == 0) {
      return left;
    }
    if (affine(right) && unknowns(right) == 0 && right[cells.size()] == 0) {
      return right;
    }
    if (!affine(left) || !affine(right) || (unknowns(left) > 0 && unknowns(right) > 0)) {
      return NOT_AFFINE;
    }
    long[] form = unknowns(left) > 0 ? left : right;
    long factor = (unknowns(left) > 0 ? right : left)[cells.size()];
    for (int i = 0; i < form.length; i++) {
      form[i] = form[i] * factor % P;
    }
    return form;
  }

  private long[] constantForm(long constant) {
    long[] form = new long[cells.size() + 1];
    form[cells.size()] = reduce(constant);
    return form;
  }

  /** A constant with the powers of 2^8 in it replaced by those of the small byte. */
  private long small(BigInteger constant) {
    if (constant.bitLength() < 8) {
      return constant.longValue();
    }
    // Non-adjacent form, so that 2^64 - 2^32 is a difference of two powers.
    BigInteger rest = constant.abs();
    long sum = 0;
    for (int k = 0; rest.signum() != 0; k++) {
      if (rest.testBit(0)) {
        int digit = rest.testBit(1) ? -1 : 1;
        rest = rest.subtract(BigInteger.valueOf(digit));
        if (k >= 8 && k % 8 != 0) {
          throw new IllegalStateException("not made of bytes: " + constant);
        }
        sum += digit * (1L << (k < 8 ? k : k / 8 * byteBits));
      }
      rest = rest.shiftRight(1);
    }
    return constant.signum() < 0 ? -sum : sum;
  }

  private static long reduce(long value) {
    long rest = value % P;
    return rest < 0 ? rest + P : rest;
  }

  private static long signed(long value) {
    return value > P / 2 ? value - P : value;
  }

  private static long inverse(long value) {
    return BigInteger.valueOf(value).modInverse(BigInteger.valueOf(P)).longValue();
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
}

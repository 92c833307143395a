package dev.zkwasm.prover;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Selector;
import dev.zkwasm.bus.LogUp;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.field.Fr;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.TableLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The pointwise programs of a table, compiled once. Their first columns are all columns of the
 * table in order of declaration; their first parameters are those of {@link #busParameters}.
 */
final class TablePrograms {
  private static final int ALPHA = 0;
  private static final int GAMMA = 1;
  private static final int BUS_PARAMETERS = 1 + LogUp.MAX_ARITY;

  private final TableLayout table;
  private final List<Column> columns;
  private final List<PointwiseProgram> helpers;
  private final PointwiseProgram constraints;
  private final Set<Integer> used;

  TablePrograms(TableLayout table) {
    this.table = table;
    this.columns = table.table().columns();
    this.helpers = IntStream.range(0, table.helpers()).mapToObj(this::compileHelper).toList();
    this.constraints = compileConstraints();
    this.used =
        constraints.instructions().stream()
            .filter(i -> i.opcode() == PointwiseProgram.Opcode.LOAD)
            .map(PointwiseProgram.Instruction::a)
            .collect(Collectors.toUnmodifiableSet());
  }

  /** Parameters from the challenges of the buses: alpha, then the powers of gamma. */
  static List<Fr> busParameters(BusChallenges challenges) {
    List<Fr> parameters = new ArrayList<>();
    parameters.add(challenges.alpha());
    parameters.addAll(LogUp.powers(challenges.gamma()));
    return parameters;
  }

  /**
   * The sum of the terms of a helper's interactions as a fraction: output 0 the numerator, output 1
   * the denominator.
   */
  PointwiseProgram helper(int g) {
    return helpers.get(g);
  }

  /**
   * The combined constraints: output 0 is the sum of {@code y_m C_m} with selectors. Columns are
   * the table's, the helpers, L_first and L_last; further parameters are the {@code y_m}, one per
   * constraint in order.
   */
  PointwiseProgram constraints() {
    return constraints;
  }

  /** Whether {@link #constraints} looks at a column; there is no need to transform others. */
  boolean uses(int column) {
    return used.contains(column);
  }

  private static LogUp<Integer> logUp(PointwiseProgram.Builder builder, ProgramAlgebra algebra) {
    List<Integer> gammas =
        IntStream.range(0, LogUp.MAX_ARITY).mapToObj(i -> builder.parameter(GAMMA + i)).toList();
    return new LogUp<>(algebra, builder.parameter(ALPHA), gammas);
  }

  private PointwiseProgram compileHelper(int g) {
    PointwiseProgram.Builder builder = new PointwiseProgram.Builder(columns.size(), BUS_PARAMETERS);
    ProgramAlgebra algebra = new ProgramAlgebra(builder, columns);
    LogUp.Fraction<Integer> sum = logUp(builder, algebra).sum(table.air().helperGroup(g));
    builder.store(0, sum.numerator());
    builder.store(1, sum.denominator());
    return builder.build();
  }

  private PointwiseProgram compileConstraints() {
    int firstHelper = columns.size();
    int first = firstHelper + table.helpers();
    int last = first + 1;
    PointwiseProgram.Builder builder =
        new PointwiseProgram.Builder(last + 1, BUS_PARAMETERS + table.constraints());
    ProgramAlgebra algebra = new ProgramAlgebra(builder, columns);
    // Constraints with the same selector are added up before they are multiplied by it.
    Map<Selector, Integer> sums = new EnumMap<>(Selector.class);
    int m = BUS_PARAMETERS;
    for (Constraint constraint : table.air().constraints()) {
      int term = builder.mul(builder.parameter(m++), constraint.expr().in(algebra));
      sums.merge(constraint.selector(), term, builder::add);
    }
    LogUp<Integer> logUp = logUp(builder, algebra);
    for (int g = 0; g < table.helpers(); g++) {
      int constraint =
          logUp.constraint(builder.load(firstHelper + g, 0), table.air().helperGroup(g));
      int term = builder.mul(builder.parameter(m++), constraint);
      sums.merge(Selector.ALWAYS, term, builder::add);
    }
    int total = builder.constant(Fr.ZERO);
    for (Map.Entry<Selector, Integer> sum : sums.entrySet()) {
      int factor =
          switch (sum.getKey()) {
            case ALWAYS -> builder.constant(Fr.ONE);
            case FIRST -> builder.load(first, 0);
            case LAST -> builder.load(last, 0);
            case TRANSITION -> builder.sub(builder.constant(Fr.ONE), builder.load(last, 0));
          };
      total = builder.add(total, builder.mul(factor, sum.getValue()));
    }
    builder.store(0, total);
    return builder.build();
  }
}

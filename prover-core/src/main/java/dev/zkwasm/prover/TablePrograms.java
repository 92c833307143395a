package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
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
import java.util.stream.IntStream;

/**
 * The pointwise programs of a table, compiled once. They read only columns that they use. Their
 * first parameters are those of {@link #busParameters}.
 */
final class TablePrograms {
  private static final int ALPHA = 0;
  private static final int GAMMA = 1;
  private static final int BUS_PARAMETERS = 1 + LogUp.MAX_ARITY;

  /**
   * A column of the constraint program.
   *
   * @param polynomial first the table's columns in order of declaration, then its helper columns,
   *     then {@code L_first}
   * @param next whether it is {@code f(w X)} instead of {@code f(X)}
   */
  record Input(int polynomial, boolean next) {}

  private final TableLayout table;
  private final List<Column> columns;
  private final List<Integer> helperInputs;
  private final PointwiseProgram helpers;
  private final List<Input> constraintInputs;
  private final PointwiseProgram constraints;
  private final LeadingTerms leading;

  TablePrograms(TableLayout table) {
    this.table = table;
    this.columns = table.table().columns();
    // Compiled with all that there is, it shows what it uses.
    List<Integer> allColumns = IntStream.range(0, columns.size()).boxed().toList();
    this.helperInputs = used(compileHelpers(allColumns), allColumns);
    this.helpers = compileHelpers(helperInputs);
    List<Input> allInputs = new ArrayList<>();
    for (int p = 0; p <= firstSelector(); p++) {
      allInputs.add(new Input(p, false));
      allInputs.add(new Input(p, true));
    }
    this.constraintInputs = used(compileConstraints(allInputs), allInputs);
    this.constraints = compileConstraints(constraintInputs);
    this.leading = new LeadingTerms(constraints, Cosets.TAIL);
    if (leading.degree() > Air.MAX_DEGREE) {
      throw new IllegalStateException(table.table() + " has degree " + leading.degree());
    }
  }

  private static <T> List<T> used(PointwiseProgram program, List<T> inputs) {
    return program.instructions().stream()
        .filter(i -> i.opcode() == PointwiseProgram.Opcode.LOAD)
        .map(PointwiseProgram.Instruction::a)
        .distinct()
        .sorted()
        .map(inputs::get)
        .toList();
  }

  /** Parameters from the challenges of the buses: alpha, then the powers of gamma. */
  static List<Fr> busParameters(BusChallenges challenges) {
    List<Fr> parameters = new ArrayList<>();
    parameters.add(challenges.alpha());
    parameters.addAll(LogUp.powers(challenges.gamma()));
    return parameters;
  }

  /** The columns of {@link #helpers}, by their position in the table. */
  List<Integer> helperInputs() {
    return helperInputs;
  }

  /**
   * The sum of the terms of each helper's interactions as a fraction: output 2 g is the numerator,
   * output 2 g + 1 the denominator of helper g.
   */
  PointwiseProgram helpers() {
    return helpers;
  }

  /** The columns of {@link #constraints}. */
  List<Input> constraintInputs() {
    return constraintInputs;
  }

  /**
   * The combined constraints: output 0 is the sum of {@code y_m C_m} with selectors. Further
   * parameters are the {@code y_m}, one per constraint in order.
   */
  PointwiseProgram constraints() {
    return constraints;
  }

  /** The leading {@link Cosets#TAIL} coefficients of the combined constraints. */
  LeadingTerms leading() {
    return leading;
  }

  /** The polynomial that is {@code L_first}. {@code L_last} is the same of the next row. */
  int firstSelector() {
    return columns.size() + table.helpers();
  }

  private static LogUp<Integer> logUp(PointwiseProgram.Builder builder, ProgramAlgebra algebra) {
    List<Integer> gammas =
        IntStream.range(0, LogUp.MAX_ARITY).mapToObj(i -> builder.parameter(GAMMA + i)).toList();
    return new LogUp<>(algebra, builder.parameter(ALPHA), gammas);
  }

  private PointwiseProgram compileHelpers(List<Integer> inputs) {
    PointwiseProgram.Builder builder = new PointwiseProgram.Builder(inputs.size(), BUS_PARAMETERS);
    ProgramAlgebra algebra =
        new ProgramAlgebra(
            builder,
            (column, nextRow) -> builder.load(position(inputs, columns.indexOf(column)), 0));
    LogUp<Integer> logUp = logUp(builder, algebra);
    for (int g = 0; g < table.helpers(); g++) {
      LogUp.Fraction<Integer> sum = logUp.sum(table.air().helperGroup(g));
      builder.store(2 * g, sum.numerator());
      builder.store(2 * g + 1, sum.denominator());
    }
    return builder.build();
  }

  private PointwiseProgram compileConstraints(List<Input> inputs) {
    PointwiseProgram.Builder builder =
        new PointwiseProgram.Builder(inputs.size(), BUS_PARAMETERS + table.constraints());
    ProgramAlgebra algebra =
        new ProgramAlgebra(
            builder, (column, next) -> load(builder, inputs, columns.indexOf(column), next));
    // Constraints with the same selector are added up before they are multiplied by it.
    Map<Selector, Integer> sums = new EnumMap<>(Selector.class);
    int m = BUS_PARAMETERS;
    for (Constraint constraint : table.air().constraints()) {
      int term = builder.mul(builder.parameter(m++), constraint.expr().in(algebra));
      sums.merge(constraint.selector(), term, builder::add);
    }
    LogUp<Integer> logUp = logUp(builder, algebra);
    for (int g = 0; g < table.helpers(); g++) {
      int helper = load(builder, inputs, columns.size() + g, false);
      int constraint = logUp.constraint(helper, table.air().helperGroup(g));
      int term = builder.mul(builder.parameter(m++), constraint);
      sums.merge(Selector.ALWAYS, term, builder::add);
    }
    int total = builder.constant(Fr.ZERO);
    for (Map.Entry<Selector, Integer> sum : sums.entrySet()) {
      int factor =
          switch (sum.getKey()) {
            case ALWAYS -> builder.constant(Fr.ONE);
            case FIRST -> load(builder, inputs, firstSelector(), false);
            case LAST -> load(builder, inputs, firstSelector(), true);
            case TRANSITION ->
                builder.sub(builder.constant(Fr.ONE), load(builder, inputs, firstSelector(), true));
          };
      total = builder.add(total, builder.mul(factor, sum.getValue()));
    }
    builder.store(0, total);
    return builder.build();
  }

  private static int load(
      PointwiseProgram.Builder builder, List<Input> inputs, int polynomial, boolean next) {
    return builder.load(position(inputs, new Input(polynomial, next)), 0);
  }

  private static <T> int position(List<T> inputs, T input) {
    int position = inputs.indexOf(input);
    if (position < 0) {
      throw new IllegalArgumentException(input + " is no input of the program");
    }
    return position;
  }
}

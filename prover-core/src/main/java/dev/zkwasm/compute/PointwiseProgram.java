package dev.zkwasm.compute;

import dev.zkwasm.field.Fr;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A straight-line program over field elements that a backend runs on every row of some columns: the
 * constraints of a table folded into a quotient, the helper columns of a lookup argument.
 *
 * <p>A program has registers, a pool of values that are the same for all rows (constants fixed in
 * the program, then parameters given when it runs), columns to read, and outputs to write. It is
 * immutable and knows nothing of where it came from. {@link Builder} makes one from expressions.
 *
 * <p>Rows are cyclic: {@link Opcode#LOAD} with rotation {@code k} reads row {@code (row + k) mod
 * rows}.
 */
public final class PointwiseProgram {
  /** What an {@link Instruction} does. */
  public enum Opcode {
    /** {@code register[target] = column[a] at (row + b) mod rows}. */
    LOAD,
    /** {@code register[target] = operand(a) + operand(b)}. */
    ADD,
    /** {@code register[target] = operand(a) - operand(b)}. */
    SUB,
    /** {@code register[target] = operand(a) * operand(b)}. */
    MUL,
    /** {@code output[target] at row = operand(a)}. */
    STORE,
    /** {@code output[target] at row += operand(a)}. */
    ACCUMULATE
  }

  /**
   * One step. An operand that is not negative is a register; a negative one is the value {@code
   * ~operand} of the pool, constants first, then parameters.
   *
   * @param opcode what to do
   * @param target register or output that is written
   * @param a first operand, or the column to load
   * @param b second operand, or the rotation to load with; 0 if unused
   */
  public record Instruction(Opcode opcode, int target, int a, int b) {}

  /** {@code output0 = column0 + column1}. */
  public static final PointwiseProgram ADD = binary(Opcode.ADD);

  /** {@code output0 = column0 - column1}. */
  public static final PointwiseProgram SUBTRACT = binary(Opcode.SUB);

  /** {@code output0 = column0 * column1}. */
  public static final PointwiseProgram MULTIPLY = binary(Opcode.MUL);

  private final int columns;
  private final int parameters;
  private final int outputs;
  private final int registers;
  private final List<Fr> constants;
  private final List<Instruction> instructions;
  private final int[] maxRotation;
  private final int[] lastLoad;
  private final int[] storedAt;

  /**
   * A program from its parts.
   *
   * @throws IllegalArgumentException if an instruction names something that is not there, reads a
   *     register before it is written, or an output is not written exactly once
   */
  public PointwiseProgram(
      int columns,
      int parameters,
      int outputs,
      int registers,
      List<Fr> constants,
      List<Instruction> instructions) {
    this.columns = columns;
    this.parameters = parameters;
    this.outputs = outputs;
    this.registers = registers;
    this.constants = List.copyOf(constants);
    this.instructions = List.copyOf(instructions);
    if (columns < 0 || parameters < 0 || outputs < 0 || registers < 0) {
      throw new IllegalArgumentException("negative size");
    }
    this.maxRotation = new int[columns];
    this.lastLoad = new int[columns];
    this.storedAt = new int[outputs];
    Arrays.fill(lastLoad, -1);
    Arrays.fill(storedAt, -1);
    check();
  }

  /** Number of columns it reads. */
  public int columns() {
    return columns;
  }

  /** Number of parameters it is run with. */
  public int parameters() {
    return parameters;
  }

  /** Number of outputs it writes. */
  public int outputs() {
    return outputs;
  }

  /** Number of registers it needs. */
  public int registers() {
    return registers;
  }

  /** The constants, first in the pool. */
  public List<Fr> constants() {
    return constants;
  }

  /** The steps, in order. */
  public List<Instruction> instructions() {
    return instructions;
  }

  /** The largest rotation with which a column is read, 0 if it is not read. */
  public int maxRotation(int column) {
    return maxRotation[column];
  }

  /**
   * Whether one buffer may be this column and this output at once: the column must be read without
   * rotation, and only before the output is written.
   */
  public boolean mayShare(int column, int output) {
    return maxRotation[column] == 0 && lastLoad[column] < storedAt[output];
  }

  /**
   * The pool for a run: constants, then the given parameters.
   *
   * @throws IllegalArgumentException if their number is wrong
   */
  public List<Fr> pool(List<Fr> parameterValues) {
    if (parameterValues.size() != parameters) {
      throw new IllegalArgumentException(
          "program takes " + parameters + " parameters, not " + parameterValues.size());
    }
    List<Fr> pool = new ArrayList<>(constants);
    pool.addAll(parameterValues);
    return pool;
  }

  /** One line per instruction, for people. */
  @Override
  public String toString() {
    StringBuilder s = new StringBuilder();
    s.append(columns).append(" columns, ").append(parameters).append(" parameters, ");
    s.append(outputs).append(" outputs, ").append(registers).append(" registers\n");
    for (Instruction i : instructions) {
      switch (i.opcode) {
        case LOAD -> s.append('r').append(i.target).append(" = column ").append(i.a);
        case ADD, SUB, MUL -> {
          char sign = i.opcode == Opcode.ADD ? '+' : i.opcode == Opcode.SUB ? '-' : '*';
          s.append('r').append(i.target).append(" = ").append(name(i.a));
          s.append(' ').append(sign).append(' ').append(name(i.b));
        }
        case STORE -> s.append("output ").append(i.target).append(" = ").append(name(i.a));
        case ACCUMULATE -> s.append("output ").append(i.target).append(" += ").append(name(i.a));
      }
      if (i.opcode == Opcode.LOAD && i.b != 0) {
        s.append(" rotated ").append(i.b);
      }
      s.append('\n');
    }
    return s.toString();
  }

  private String name(int operand) {
    if (operand >= 0) {
      return "r" + operand;
    }
    int k = ~operand;
    return k < constants.size() ? constants.get(k).toString() : "p" + (k - constants.size());
  }

  private void check() {
    boolean[] written = new boolean[registers];
    for (int k = 0; k < instructions.size(); k++) {
      Instruction i = instructions.get(k);
      String where = "instruction " + k + " (" + i + "): ";
      switch (i.opcode) {
        case LOAD -> {
          require(i.a >= 0 && i.a < columns, where, "no such column");
          require(i.b >= 0, where, "negative rotation");
          maxRotation[i.a] = Math.max(maxRotation[i.a], i.b);
          lastLoad[i.a] = k;
        }
        case ADD, SUB, MUL -> {
          require(readable(i.a, written), where, "first operand is not there");
          require(readable(i.b, written), where, "second operand is not there");
        }
        case STORE, ACCUMULATE -> require(readable(i.a, written), where, "operand is not there");
      }
      if (i.opcode == Opcode.STORE || i.opcode == Opcode.ACCUMULATE) {
        require(i.target >= 0 && i.target < outputs, where, "no such output");
        require(storedAt[i.target] < 0, where, "output written twice");
        storedAt[i.target] = k;
      } else {
        require(i.target >= 0 && i.target < registers, where, "no such register");
        written[i.target] = true;
      }
    }
    for (int k = 0; k < outputs; k++) {
      require(storedAt[k] >= 0, "output " + k + ": ", "never written");
    }
  }

  private boolean readable(int operand, boolean[] written) {
    return operand >= 0
        ? operand < written.length && written[operand]
        : ~operand < constants.size() + parameters;
  }

  private static void require(boolean condition, String where, String what) {
    if (!condition) {
      throw new IllegalArgumentException(where + what);
    }
  }

  private static PointwiseProgram binary(Opcode opcode) {
    return new PointwiseProgram(
        2,
        0,
        1,
        2,
        List.of(),
        List.of(
            new Instruction(Opcode.LOAD, 0, 0, 0),
            new Instruction(Opcode.LOAD, 1, 1, 0),
            new Instruction(opcode, 0, 0, 1),
            new Instruction(Opcode.STORE, 0, 0, 0)));
  }

  /**
   * Builds a program from expressions. Equal expressions are computed once, what no output needs is
   * left out, products with 0 and 1 and sums with 0 disappear, constants are folded, and registers
   * are reused.
   *
   * <p>The methods return handles of values, meaningful to this builder only.
   */
  public static final class Builder {
    private enum Kind {
      CONSTANT,
      PARAMETER,
      LOAD,
      ADD,
      SUB,
      MUL
    }

    private record Node(Kind kind, int a, int b) {}

    private record Output(Opcode opcode, int index, int value) {}

    private final int columns;
    private final int parameters;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Node, Integer> numbers = new HashMap<>();
    private final List<Fr> constants = new ArrayList<>();
    private final Map<Fr, Integer> constantNumbers = new HashMap<>();
    private final List<Output> outputs = new ArrayList<>();

    /** A builder of a program with so many columns and parameters. */
    public Builder(int columns, int parameters) {
      this.columns = columns;
      this.parameters = parameters;
    }

    /** The value of a column in the row that is {@code rotation} further on, cyclically. */
    public int load(int column, int rotation) {
      Objects.checkIndex(column, columns);
      if (rotation < 0) {
        throw new IllegalArgumentException("negative rotation " + rotation);
      }
      return number(new Node(Kind.LOAD, column, rotation));
    }

    /** A constant. */
    public int constant(Fr value) {
      Integer known = constantNumbers.get(value);
      if (known == null) {
        known = constants.size();
        constants.add(value);
        constantNumbers.put(value, known);
      }
      return number(new Node(Kind.CONSTANT, known, 0));
    }

    /** Parameter {@code index}. */
    public int parameter(int index) {
      return number(new Node(Kind.PARAMETER, Objects.checkIndex(index, parameters), 0));
    }

    /** {@code a + b}. */
    public int add(int a, int b) {
      if (isConstant(a) && isConstant(b)) {
        return constant(value(a).add(value(b)));
      }
      if (isConstant(a, Fr.ZERO)) {
        return b;
      }
      if (isConstant(b, Fr.ZERO)) {
        return a;
      }
      return number(new Node(Kind.ADD, Math.min(a, b), Math.max(a, b)));
    }

    /** {@code a - b}. */
    public int sub(int a, int b) {
      if (isConstant(a) && isConstant(b)) {
        return constant(value(a).sub(value(b)));
      }
      if (a == b) {
        return constant(Fr.ZERO);
      }
      if (isConstant(b, Fr.ZERO)) {
        return a;
      }
      return number(new Node(Kind.SUB, a, b));
    }

    /** {@code a * b}. */
    public int mul(int a, int b) {
      if (isConstant(a) && isConstant(b)) {
        return constant(value(a).mul(value(b)));
      }
      if (isConstant(a, Fr.ZERO) || isConstant(b, Fr.ONE)) {
        return a;
      }
      if (isConstant(b, Fr.ZERO) || isConstant(a, Fr.ONE)) {
        return b;
      }
      return number(new Node(Kind.MUL, Math.min(a, b), Math.max(a, b)));
    }

    /** Writes a value to an output. */
    public void store(int output, int value) {
      output(Opcode.STORE, output, value);
    }

    /** Adds a value to what an output holds. */
    public void accumulate(int output, int value) {
      output(Opcode.ACCUMULATE, output, value);
    }

    /**
     * The program.
     *
     * @throws IllegalArgumentException if an output up to the highest is missing or written twice
     */
    public PointwiseProgram build() {
      int[] uses = countUses();
      return new Scheduler(uses).run();
    }

    private void output(Opcode opcode, int output, int value) {
      Objects.checkIndex(value, nodes.size());
      outputs.add(new Output(opcode, output, value));
    }

    private int number(Node node) {
      if (node.kind != Kind.CONSTANT && node.kind != Kind.PARAMETER && node.kind != Kind.LOAD) {
        Objects.checkIndex(node.a, nodes.size());
        Objects.checkIndex(node.b, nodes.size());
      }
      Integer known = numbers.get(node);
      if (known == null) {
        known = nodes.size();
        nodes.add(node);
        numbers.put(node, known);
      }
      return known;
    }

    private boolean isConstant(int value) {
      return nodes.get(value).kind == Kind.CONSTANT;
    }

    private boolean isConstant(int value, Fr expected) {
      return isConstant(value) && value(value).equals(expected);
    }

    private Fr value(int constant) {
      return constants.get(nodes.get(constant).a);
    }

    /** How often each value is read by something that an output needs; operands come first. */
    private int[] countUses() {
      int[] uses = new int[nodes.size()];
      for (Output o : outputs) {
        uses[o.value]++;
      }
      for (int n = nodes.size() - 1; n >= 0; n--) {
        Node node = nodes.get(n);
        if (uses[n] > 0
            && (node.kind == Kind.ADD || node.kind == Kind.SUB || node.kind == Kind.MUL)) {
          uses[node.a]++;
          uses[node.b]++;
        }
      }
      return uses;
    }

    /**
     * Emits values in the order in which they were made, which is how expressions are written;
     * loads only when first needed, so that they do not occupy registers.
     */
    private final class Scheduler {
      private final int[] uses;
      private final int[] place;
      private final List<Integer> free = new ArrayList<>();
      private final List<Fr> pool = new ArrayList<>();
      private final List<Instruction> code = new ArrayList<>();
      private int registers;

      Scheduler(int[] uses) {
        this.uses = uses;
        this.place = new int[nodes.size()];
        Arrays.fill(place, -1);
      }

      PointwiseProgram run() {
        int[] constantPlace = new int[nodes.size()];
        for (int n = 0; n < nodes.size(); n++) {
          if (nodes.get(n).kind == Kind.CONSTANT && uses[n] > 0) {
            constantPlace[n] = pool.size();
            pool.add(value(n));
          }
        }
        List<List<Output>> outputsOf = new ArrayList<>();
        for (int n = 0; n < nodes.size(); n++) {
          outputsOf.add(new ArrayList<>());
        }
        int outputCount = 0;
        for (Output o : outputs) {
          outputsOf.get(o.value).add(o);
          outputCount = Math.max(outputCount, o.index + 1);
        }
        for (int n = 0; n < nodes.size(); n++) {
          if (uses[n] == 0) {
            continue;
          }
          Node node = nodes.get(n);
          switch (node.kind) {
            case ADD -> compute(n, node, Opcode.ADD, constantPlace);
            case SUB -> compute(n, node, Opcode.SUB, constantPlace);
            case MUL -> compute(n, node, Opcode.MUL, constantPlace);
            case CONSTANT, PARAMETER, LOAD -> {}
          }
          for (Output o : outputsOf.get(n)) {
            int operand = operand(n, constantPlace);
            code.add(new Instruction(o.opcode, o.index, operand, 0));
            release(n);
          }
        }
        return new PointwiseProgram(columns, parameters, outputCount, registers, pool, code);
      }

      private void compute(int n, Node node, Opcode opcode, int[] constantPlace) {
        int a = operand(node.a, constantPlace);
        int b = operand(node.b, constantPlace);
        release(node.a);
        release(node.b);
        place[n] = take();
        code.add(new Instruction(opcode, place[n], a, b));
      }

      private int operand(int n, int[] constantPlace) {
        Node node = nodes.get(n);
        switch (node.kind) {
          case CONSTANT -> {
            return ~constantPlace[n];
          }
          case PARAMETER -> {
            return ~(pool.size() + node.a);
          }
          case LOAD -> {
            if (place[n] < 0) {
              place[n] = take();
              code.add(new Instruction(Opcode.LOAD, place[n], node.a, node.b));
            }
            return place[n];
          }
          default -> {
            return place[n];
          }
        }
      }

      private int take() {
        return free.isEmpty() ? registers++ : free.removeLast();
      }

      private void release(int n) {
        if (--uses[n] == 0 && place[n] >= 0) {
          free.add(place[n]);
          place[n] = -1;
        }
      }
    }
  }
}

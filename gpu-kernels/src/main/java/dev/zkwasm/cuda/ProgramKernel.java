package dev.zkwasm.cuda;

import dev.zkwasm.compute.PointwiseProgram;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A kernel made from one {@link PointwiseProgram}: one C++ statement per instruction, a variable
 * per register, in place of a loop that looks at the instructions again for every row.
 *
 * <p>Its name is the hash of its source, so a binary of that name is of that source: a program that
 * changes, or a generator that does, finds no binary until {@code build-kernels.sh} has made it,
 * and never a wrong one. The values of the program's constants are not part of the source; like
 * parameters they are given when it runs.
 *
 * <p>It takes, in this order: the pool (constants, then parameters), the columns' addresses, the
 * outputs' addresses, and the number of rows; its grid is of any size with blocks of {@link
 * #BLOCK}.
 *
 * @param symbol the kernel's name, that of its binary too
 * @param source a compilation unit
 */
record ProgramKernel(String symbol, String source) implements DeviceFunction {
  /** Threads of a block. */
  static final int BLOCK = 128;

  /** Blocks that a multiprocessor must have room for: 128 registers per thread. */
  private static final int RESIDENT_BLOCKS = 4;

  private static final String PREFIX = "program_";

  /** Of 64 hexadecimal digits: more than enough to tell programs apart. */
  private static final int DIGITS = 32;

  /** The kernel of a program. */
  static ProgramKernel of(PointwiseProgram program) {
    String body = body(program);
    String symbol = PREFIX + hash(body).substring(0, DIGITS);
    return new ProgramKernel(
        symbol,
        "#include \"program.cuh\"\n\nKERNEL_LIMITS("
            + BLOCK
            + ", "
            + RESIDENT_BLOCKS
            + ")\n"
            + symbol
            + body);
  }

  private static String body(PointwiseProgram program) {
    StringBuilder s = new StringBuilder(64 * program.instructions().size());
    s.append(
        """
        (const Fr* pool, const Fr* const* columns, Fr* const* outputs, uint64_t rows) {
          for (size_t row = thread_index(); row < rows; row += thread_count()) {
        """);
    boolean[] declared = new boolean[program.registers()];
    for (PointwiseProgram.Instruction i : program.instructions()) {
      s.append("    ");
      switch (i.opcode()) {
        case LOAD -> {
          String at = i.b() == 0 ? "row" : "rotated(row, " + i.b() + ", rows)";
          assign(s, declared, i, "load(columns[" + i.a() + "] + " + at + ")");
        }
        case ADD -> assign(s, declared, i, call("sum", operand(i.a()), operand(i.b())));
        case SUB -> assign(s, declared, i, call("difference", operand(i.a()), operand(i.b())));
        case MUL -> assign(s, declared, i, call("product", operand(i.a()), operand(i.b())));
        case STORE -> store(s, i, operand(i.a()));
        case ACCUMULATE ->
            store(s, i, call("sum", "load(outputs[" + i.target() + "] + row)", operand(i.a())));
      }
    }
    return s.append("  }\n}\n").toString();
  }

  private static void assign(
      StringBuilder s, boolean[] declared, PointwiseProgram.Instruction i, String value) {
    if (!declared[i.target()]) {
      declared[i.target()] = true;
      s.append("Fr ");
    }
    s.append('r').append(i.target()).append(" = ").append(value).append(";\n");
  }

  private static void store(StringBuilder s, PointwiseProgram.Instruction i, String value) {
    s.append("store_canonical(outputs[").append(i.target()).append("] + row, ");
    s.append(value).append(");\n");
  }

  private static String call(String function, String a, String b) {
    return "program_" + function + "(" + a + ", " + b + ")";
  }

  private static String operand(int operand) {
    return operand >= 0 ? "r" + operand : "load(pool + " + ~operand + ")";
  }

  private static String hash(String text) {
    try {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

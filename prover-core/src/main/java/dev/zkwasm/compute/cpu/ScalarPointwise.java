package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.compute.PointwiseProgram.Instruction;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.List;

/** Row by row. For few rows, and the twin of the vectorised interpreter. */
final class ScalarPointwise implements Pointwise {
  private static final PrimeField FR = PrimeField.FR;

  @Override
  public void run(
      PointwiseProgram program,
      long[][] columns,
      List<Fr> pool,
      long[][] outputs,
      int rows,
      int from,
      int to) {
    // Pool value k lies behind the registers, at ~k counted from the end of the array.
    int slots = program.registers() + pool.size();
    long[] s = new long[4 * slots];
    for (int k = 0; k < pool.size(); k++) {
      pool.get(k).store(s, 4 * (slots + ~k));
    }
    for (int row = from; row < to; row++) {
      for (Instruction i : program.instructions()) {
        int a = 4 * (i.a() < 0 ? slots + i.a() : i.a());
        int b = 4 * (i.b() < 0 ? slots + i.b() : i.b());
        int target = 4 * i.target();
        switch (i.opcode()) {
          case LOAD -> {
            int source = (int) (((long) row + i.b()) % rows);
            System.arraycopy(columns[i.a()], 4 * source, s, target, 4);
          }
          case ADD -> FR.add(s, a, s, b, s, target);
          case SUB -> FR.sub(s, a, s, b, s, target);
          case MUL -> FR.mul(s, a, s, b, s, target);
          case STORE -> System.arraycopy(s, a, outputs[i.target()], 4 * row, 4);
          case ACCUMULATE ->
              FR.add(outputs[i.target()], 4 * row, s, a, outputs[i.target()], 4 * row);
        }
      }
    }
  }
}

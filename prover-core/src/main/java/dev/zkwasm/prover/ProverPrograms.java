package dev.zkwasm.prover;

import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.TableLayout;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The pointwise programs that a prover of a constraint system gives to its backend, for those who
 * compile them ahead of time.
 */
public final class ProverPrograms {
  private ProverPrograms() {}

  /**
   * All programs, the same that the prover runs, instruction by instruction.
   *
   * @return by table and purpose, such as {@code alu.helpers} and {@code alu.constraints}, in order
   *     of the tables
   */
  public static Map<String, PointwiseProgram> of(ConstraintSystem system) {
    Map<String, PointwiseProgram> programs = new LinkedHashMap<>();
    for (TableLayout layout : system.tables()) {
      TablePrograms compiled = new TablePrograms(layout);
      String table = layout.table().name();
      programs.put(table + ".helpers", compiled.helpers());
      programs.put(table + ".constraints", compiled.constraints());
    }
    return programs;
  }
}

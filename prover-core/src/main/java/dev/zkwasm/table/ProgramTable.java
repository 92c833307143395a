package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * Provides the instructions. Rows beyond the code are 0 and match no fetch, since no operation is
 * 0.
 */
public final class ProgramTable extends Table {
  // ---- columns

  private final Column pc = program("pc", Width.U32);
  private final Column operation = program("operation", Width.U16);
  private final Column d = program("d", Width.U32);
  private final Column a = program("a", Width.U32);
  private final Column b = program("b", Width.U32);
  private final Column kLo = program("kLo", Width.U32);
  private final Column kHi = program("kHi", Width.U32);
  private final Column multiplicity = main("multiplicity", Width.U32);

  ProgramTable() {
    super("program", Role.PROGRAM);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.receive("instruction", Bus.PROGRAM, multiplicity, pc, operation, d, a, b, kLo, kHi);
  }

  // ---- fill

  static int height(Program program) {
    return TableInstance.heightFor(program.code().size());
  }

  /** The program columns, in order. */
  static List<TypedVector> programColumns(Program program) {
    int height = height(program);
    int[] pcs = new int[height];
    char[] operations = new char[height];
    int[][] fields = new int[5][height];
    for (int i = 0; i < program.code().size(); i++) {
      Instruction instruction = program.code().get(i);
      pcs[i] = i + 1;
      operations[i] = (char) instruction.operation();
      fields[0][i] = (int) Encoding.d(instruction);
      fields[1][i] = (int) Encoding.a(instruction);
      fields[2][i] = (int) Encoding.b(instruction);
      fields[3][i] = (int) Encoding.kLo(instruction);
      fields[4][i] = (int) Encoding.kHi(instruction);
    }
    return List.of(
        new TypedVector.U32(pcs),
        new TypedVector.U16(operations),
        new TypedVector.U32(fields[0]),
        new TypedVector.U32(fields[1]),
        new TypedVector.U32(fields[2]),
        new TypedVector.U32(fields[3]),
        new TypedVector.U32(fields[4]));
  }
}

package dev.zkwasm.proof;

import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.table.FixedTable;
import dev.zkwasm.table.ProgramColumns;
import dev.zkwasm.table.PublicColumns;
import java.util.List;

/** The known columns of the {@link dev.zkwasm.table.TableSet}'s tables. */
final class StandardColumns implements ConstraintSystem.KnownColumns {
  @Override
  public List<TypedVector> fixed(Table table) {
    if (table instanceof FixedTable fixed) {
      return fixed.fixedColumns();
    }
    throw new IllegalArgumentException("table " + table + " has no fixed columns");
  }

  @Override
  public List<TypedVector> program(Table table, Program program) {
    return ProgramColumns.of(program).of(table);
  }

  @Override
  public List<TypedVector> instance(Table table, byte[] publicInput) {
    return PublicColumns.of(publicInput);
  }
}

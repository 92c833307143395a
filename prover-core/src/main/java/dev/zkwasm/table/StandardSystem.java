package dev.zkwasm.table;

import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.transcript.Keccak256;
import java.util.List;

/**
 * The constraint system of real proofs: the standard tables under the digest of their normative
 * text.
 */
public final class StandardSystem {
  private static final ConstraintSystem SYSTEM =
      new ConstraintSystem(
          TableSet.STANDARD.airs(),
          Keccak256.hash(ConstraintText.bytes(TableSet.STANDARD)),
          new Known());

  private StandardSystem() {}

  /** The one system of this version. */
  public static ConstraintSystem get() {
    return SYSTEM;
  }

  private static final class Known implements ConstraintSystem.KnownColumns {
    @Override
    public List<TypedVector> fixed(Table table) {
      return ((FixedTable) table).fixedColumns();
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
}

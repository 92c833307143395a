package dev.zkwasm.verifier;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.curve.G1;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofLayout;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The commitments of a proof by instance and slot: from the key, the program and the proof. */
final class Commitments {
  private final List<List<G1>> slots = new ArrayList<>();
  private final Proof proof;

  Commitments(
      ConstraintSystem system,
      ProofLayout layout,
      VerifyingKey key,
      ProgramHeader header,
      Proof proof) {
    this.proof = proof;
    for (ProofLayout.Part part : layout.parts()) {
      Iterator<G1> known = known(system, key, header, part.instance()).iterator();
      Iterator<G1> main = proof.main().listIterator(part.firstMain());
      List<G1> points = new ArrayList<>();
      for (Column column : part.table().committed()) {
        points.add((column.kind() == Column.Kind.MAIN ? main : known).next());
      }
      int helper = part.firstHelper();
      points.addAll(proof.helpers().subList(helper, helper + part.table().helpers()));
      slots.add(points);
    }
  }

  /** The commitment to a slot of an instance. */
  G1 slot(ProofLayout.Part part, int slot) {
    return slots.get(part.index()).get(slot);
  }

  /** The commitment to the accumulator. */
  G1 accumulator() {
    return proof.helpers().getLast();
  }

  /** The commitments to the pieces of the quotient. */
  List<G1> quotient() {
    return proof.quotient();
  }

  /** Fixed or program columns of a table; none has both. */
  private static List<G1> known(
      ConstraintSystem system, VerifyingKey key, ProgramHeader header, Instance instance) {
    int table = instance.table();
    return switch (system.table(table).table().role()) {
      case FIXED -> {
        int first = fixedColumns(system, table);
        int count = system.table(table).table().columns(Column.Kind.FIXED).size();
        yield key.fixedColumns().subList(first, first + count);
      }
      case PROGRAM ->
          system.isNamed(table, ConstraintSystem.PROGRAM)
              ? header.programColumns()
              : header.imageColumns();
      case INSTRUCTION, AUXILIARY, SINGLE, OPTIONAL, PUBLIC -> List.of();
    };
  }

  /** Number of fixed columns in the tables before this one. */
  private static int fixedColumns(ConstraintSystem system, int table) {
    return system.tables().subList(0, table).stream()
        .mapToInt(t -> t.table().columns(Column.Kind.FIXED).size())
        .sum();
  }

  /** Whether key and header have a commitment for each fixed and program column, and no others. */
  static boolean fit(ConstraintSystem system, VerifyingKey key, ProgramHeader header) {
    boolean fits = key.fixedColumns().size() == fixedColumns(system, system.tables().size());
    for (int table : system.tablesOf(Table.Role.PROGRAM)) {
      List<G1> columns =
          system.isNamed(table, ConstraintSystem.PROGRAM)
              ? header.programColumns()
              : header.imageColumns();
      fits &= columns.size() == system.table(table).table().columns(Column.Kind.PROGRAM).size();
    }
    return fits;
  }
}

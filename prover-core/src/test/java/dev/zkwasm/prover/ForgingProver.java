package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.RowChecker;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.BalanceReport;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.bus.BusTerm;
import dev.zkwasm.bus.VerifierTerms;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Statement;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Proves whatever tables it is given, right or wrong, and checks nothing: what an attacker would
 * run. For tests that the verifier refuses what must not be believed.
 */
public final class ForgingProver {
  private final Prover prover;

  /** A prover under the development string. */
  public ForgingProver(ConstraintSystem system, Committer committer, VerifyingKey key) {
    this.prover = Prover.forging(system, committer, key);
  }

  /** Proof bytes for any tables and any statement about an export of the program. */
  public byte[] prove(ProgramHeader header, Statement statement, List<TableInstance> tables) {
    byte[] seed = new byte[ProverOptions.SEED_BYTES];
    return prover.prove(header, statement, tables, ProverOptions.DEFAULT.withSeed(seed)).proof();
  }

  /** Tables in which one cell of a main column of one instance has another value. */
  public static List<TableInstance> alter(
      List<TableInstance> tables, int instance, Column column, int row, Fr value) {
    TableInstance old = tables.get(instance);
    FrVector values = FrVector.wrap(old.column(column).toField().limbs().clone());
    values.set(row, value);
    List<TypedVector> main = new ArrayList<>(old.main());
    main.set(column.index(), new TypedVector.Field(values));
    List<TableInstance> altered = new ArrayList<>(tables);
    altered.set(
        instance,
        new TableInstance(
            old.air(), old.height(), old.fixed(), old.program(), main, old.instance()));
    return altered;
  }

  /** What is wrong with the tables for a statement, found row by row and tuple by tuple. */
  public static List<String> wrong(
      ProgramHeader header, Statement statement, List<TableInstance> tables) {
    List<String> wrong = new ArrayList<>();
    tables.forEach(t -> RowChecker.check(t).forEach(v -> wrong.add(v.toString())));
    leftovers(header, statement, tables).forEach(l -> wrong.add(l.toString()));
    return wrong;
  }

  /** The buses that do not balance; every row must be right. */
  public static Set<Bus> unbalanced(
      ProgramHeader header, Statement statement, List<TableInstance> tables) {
    tables.forEach(table -> assertEquals(List.of(), RowChecker.check(table)));
    Set<Bus> buses = EnumSet.noneOf(Bus.class);
    leftovers(header, statement, tables).forEach(leftover -> buses.add(leftover.bus()));
    return buses;
  }

  private static List<BalanceReport.Leftover> leftovers(
      ProgramHeader header, Statement statement, List<TableInstance> tables) {
    Program.Export export = header.export(statement.export()).orElseThrow();
    List<BusTerm> terms =
        VerifierTerms.of(
            export.entryPc(),
            header.initialPages(),
            statement.arguments(),
            statement.exit(),
            statement.results(),
            statement.output(),
            statement.steps());
    return BalanceReport.of(tables, terms).leftovers();
  }
}

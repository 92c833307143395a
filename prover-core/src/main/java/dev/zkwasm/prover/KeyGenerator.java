package dev.zkwasm.prover;

import dev.zkwasm.air.Table;
import dev.zkwasm.curve.G1;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ConstraintSystem;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes keys. Nothing here is secret or random: everyone gets the same keys from the same
 * constraints, program and reference string.
 */
public final class KeyGenerator {
  private final ConstraintSystem system;
  private final Committer committer;

  /** A generator for a constraint system. */
  public KeyGenerator(ConstraintSystem system, Committer committer) {
    this.system = system;
    this.committer = committer;
  }

  /** The universal key. */
  public VerifyingKey verifyingKey() {
    List<G1> fixed = new ArrayList<>();
    for (int table : system.tablesOf(Table.Role.FIXED)) {
      fixed.addAll(commit(system.known().fixed(system.table(table).table())));
    }
    return new VerifyingKey(system.digest(), fixed, committer.srs().tauG2());
  }

  /**
   * The key of a program.
   *
   * @throws IllegalArgumentException if the program is too large for the reference string
   */
  public ProgramKey programKey(Program program) {
    List<TypedVector> code = known(ConstraintSystem.PROGRAM, program);
    List<TypedVector> image = known(ConstraintSystem.IMAGE, program);
    ProgramHeader header =
        new ProgramHeader(
            program.extensionId(),
            program.loweringVersion(),
            log(code),
            log(image),
            program.exports(),
            program.initialMemoryPages(),
            commit(code),
            commit(image));
    return new ProgramKey(program, header);
  }

  private List<TypedVector> known(String name, Program program) {
    int table =
        system.tablesOf(Table.Role.PROGRAM).stream()
            .filter(t -> system.isNamed(t, name))
            .findFirst()
            .orElseThrow();
    return system.known().program(system.table(table).table(), program);
  }

  private static int log(List<TypedVector> columns) {
    return Domain.logOfSize(columns.getFirst().size());
  }

  private List<G1> commit(List<TypedVector> columns) {
    return columns.stream().map(c -> committer.values(log(columns), c)).toList();
  }
}

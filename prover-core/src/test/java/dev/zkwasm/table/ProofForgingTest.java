package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.Committer;
import dev.zkwasm.prover.ForgingProver;
import dev.zkwasm.prover.KeyGenerator;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Traces altered in one cell, proven by a prover that checks nothing: the verifier refuses them.
 * That each cell of each table is constrained is {@link ForgingTest}'s to show, quickly and on
 * rows; here it is seen that the proof carries it through.
 */
class ProofForgingTest {
  private static final ConstraintSystem SYSTEM = StandardSystem.get();
  private static final List<String> RUNS =
      List.of("operands", "narrow", "memory", "host", "cells", "waiting");
  private static ComputeBackend backend;
  private static Committer committer;
  private static KeyGenerator keys;
  private static VerifyingKey key;
  private static ForgingProver forger;

  @BeforeAll
  static void open() {
    backend = Backends.open("cpu", BackendOptions.defaults());
    committer = new Committer(backend, DevelopmentSrs.inMemory());
    keys = new KeyGenerator(SYSTEM, committer);
    key = keys.verifyingKey();
    forger = new ForgingProver(SYSTEM, committer, key);
  }

  @AfterAll
  static void close() {
    committer.close();
    backend.close();
  }

  static List<String> tables() {
    return TableSet.STANDARD.tables().stream().map(t -> t.name()).toList();
  }

  @Test
  void aForgedSumIsRefused() {
    forge("alu");
  }

  @Tag("long")
  @ParameterizedTest
  @MethodSource("tables")
  void aForgedCellOfEachTableIsRefused(String table) {
    forge(table);
  }

  @Test
  void aForgedPairOfBytesIsRefused() {
    forge("usedBytes");
  }

  private static void forge(String table) {
    if (table.equals("bytes")) {
      ExecutionTrace trace = Programs.fibonacci(3);
      List<TableInstance> tables =
          WitnessBuilder.buildWithAllBytes(TableSet.STANDARD, trace).instances();
      int index = tables.stream().map(t -> t.table().name()).toList().indexOf(table);
      forge(trace, tables, index);
      return;
    }
    for (String name : RUNS) {
      ExecutionTrace trace = Objects.requireNonNull(Programs.all().get(name));
      List<TableInstance> tables = WitnessBuilder.build(TableSet.STANDARD, trace).instances();
      for (int i = 0; i < tables.size(); i++) {
        if (tables.get(i).table().name().equals(table)) {
          forge(trace, tables, i);
          return;
        }
      }
    }
    throw new AssertionError("no run uses table " + table);
  }

  private static void forge(ExecutionTrace trace, List<TableInstance> tables, int instance) {
    ProgramHeader header = keys.programKey(trace.program()).header();
    Statement statement = Prover.statement(header, trace, new byte[32]);
    assertTrue(ForgingProver.wrong(header, statement, tables).isEmpty());
    Air air = tables.get(instance).air();
    Column column = air.table().columns(Column.Kind.MAIN).getLast();
    Fr value = tables.get(instance).cell(column, 0).add(Fr.ONE);
    List<TableInstance> forged = ForgingProver.alter(tables, instance, column, 0, value);
    List<String> wrong = ForgingProver.wrong(header, statement, forged);
    assertFalse(wrong.isEmpty(), air.table() + ": " + column + " is free");
    byte[] proof = forger.prove(header, statement, forged);
    Verdict verdict =
        new Verifier(SYSTEM, VerifierPolicy.DEVELOPMENT).verify(key, header, statement, proof);
    assertEquals(Verdict.Kind.INVALID, verdict.kind(), air.table() + ": " + wrong);
  }
}

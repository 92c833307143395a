package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.ForgingProver;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
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
  private static final List<String> RUNS =
      List.of("operands", "narrow", "memory", "host", "cells", "waiting");

  @AfterAll
  static void agree() {
    Court.agree();
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
    Statement statement = Court.statement(trace);
    assertEquals(List.of(), Court.wrong(trace.program(), statement, tables));
    Air air = tables.get(instance).air();
    Column column = air.table().columns(Column.Kind.MAIN).getLast();
    Fr value = tables.get(instance).cell(column, 0).add(Fr.ONE);
    Court.refuses(
        trace.program(), statement, ForgingProver.alter(tables, instance, column, 0, value));
  }
}

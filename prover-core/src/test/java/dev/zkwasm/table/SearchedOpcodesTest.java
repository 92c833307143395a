package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * Which instruction is in which search for rows that are not determined: all of them are in the one
 * at full word size ({@link AdversaryTest}), and all but those named here in the exhaustive one on
 * small words ({@link SmallWordsTest}).
 */
class SearchedOpcodesTest {
  /** Classes that the search on small words leaves out, each with the reason. */
  private static final Map<OpClass, String> NOT_ON_SMALL_WORDS = notOnSmallWords();

  private static Map<OpClass, String> notOnSmallWords() {
    String cells = "which cell an address means is decided by what cells there are";
    Map<OpClass, String> reasons = new EnumMap<>(OpClass.class);
    reasons.put(OpClass.MEM, cells);
    reasons.put(OpClass.CELL, cells);
    reasons.put(OpClass.MOVE, "copies, but for COPY from and to cells named by the program");
    reasons.put(OpClass.FLOW, "return information is a cell, too; targets are the program's");
    reasons.put(OpClass.HOST, "values are the verifier's, or of the table of private words");
    reasons.put(OpClass.GROW, "the one choice is tried at full size, at both sides of the limit");
    reasons.put(OpClass.EXIT, "sends to the verifier alone, which knows what it asks");
    return reasons;
  }

  /** The tables that the search has rows of, by opcode. */
  private static Map<Opcode, Set<String>> searched() {
    Map<Opcode, Set<String>> tables = new EnumMap<>(Opcode.class);
    for (ExecutionTrace run : Programs.all().values()) {
      Program program = run.program();
      for (TableInstance instance : WitnessBuilder.build(TableSet.STANDARD, run).instances()) {
        if (!(instance.table() instanceof InstructionTable)) {
          continue;
        }
        Column pc =
            instance.table().columns().stream()
                .filter(c -> c.name().equals("pc"))
                .findFirst()
                .orElseThrow();
        // The rows that AdversaryTest takes.
        for (int row : AdversaryTest.rows(instance)) {
          Opcode opcode =
              program.at(instance.cell(pc, row).toBigInteger().intValueExact()).opcode();
          tables.computeIfAbsent(opcode, o -> new TreeSet<>()).add(instance.table().name());
        }
      }
    }
    return tables;
  }

  @Test
  void everyInstructionIsSearched() {
    Map<Opcode, Set<String>> searched = searched();
    EnumSet<Opcode> atFullSize = EnumSet.noneOf(Opcode.class);
    EnumSet<Opcode> onSmallWords = EnumSet.noneOf(Opcode.class);
    int pairs = 0;
    for (Map.Entry<Opcode, Set<String>> e : searched.entrySet()) {
      Opcode opcode = e.getKey();
      Set<String> tables = e.getValue();
      pairs += tables.size();
      // A row that traps says nothing of what the instruction does otherwise.
      if (opcode.opClass() == OpClass.EXIT || tables.stream().anyMatch(t -> !t.equals("exit"))) {
        atFullSize.add(opcode);
      }
      if (tables.stream().anyMatch(SmallWordsTest.TABLES::contains)) {
        onSmallWords.add(opcode);
      }
    }
    assertEquals(EnumSet.allOf(Opcode.class), atFullSize);
    EnumSet<Opcode> leftOut = EnumSet.complementOf(onSmallWords);
    EnumSet<Opcode> expected = EnumSet.noneOf(Opcode.class);
    for (Opcode opcode : Opcode.values()) {
      if (NOT_ON_SMALL_WORDS.containsKey(opcode.opClass()) && opcode != Opcode.COPY) {
        expected.add(opcode);
      }
    }
    assertEquals(expected, leftOut, "instructions that are not searched on small words");
    assertTrue(pairs > Opcode.values().length);
    System.out.printf(
        "assurance: underconstraint search: all %d instructions at full size, in %d pairs with a"
            + " table; %d exhaustively on small words, %d for reasons not%n",
        atFullSize.size(), pairs, onSmallWords.size(), leftOut.size());
  }
}

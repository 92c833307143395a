package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * What an instruction row sends is a function of what it takes: no other row with the same inputs
 * holds.
 */
class AdversaryTest {
  @Test
  void rowsAreFunctionsOfTheirInputs() {
    attack(2);
  }

  /** All booleans of a row flipped in every combination. */
  @Test
  @Tag("long")
  void rowsAreFunctionsOfTheirInputsWhateverIsFlipped() {
    attack(Integer.MAX_VALUE);
  }

  private static void attack(int flips) {
    Map<String, Integer> proposed = new TreeMap<>();
    Set<Table> attacked = new HashSet<>();
    List<String> accepted = new ArrayList<>();
    for (Map.Entry<String, ExecutionTrace> run : Programs.all().entrySet()) {
      Forger forger = new Forger(WitnessBuilder.build(TableSet.STANDARD, run.getValue()));
      for (TableInstance instance : forger.witness().instances()) {
        if (!(instance.table() instanceof InstructionTable)) {
          continue;
        }
        for (int row : rows(instance)) {
          attacked.add(instance.table());
          Set<Column> free = ForgingTest.free(instance, row);
          for (Map<Column, Fr> proposal :
              new Adversary(instance.air(), instance, row, flips).proposals()) {
            Map<Forger.Cell, Fr> changes = new HashMap<>();
            proposal.forEach(
                (column, value) -> {
                  if (!value.equals(instance.cell(column, row)) && !free.contains(column)) {
                    changes.put(new Forger.Cell(instance, column, row), value);
                  }
                });
            if (changes.isEmpty()) {
              continue;
            }
            proposed.merge(instance.table().name(), 1, Integer::sum);
            if (forger.localObjections(changes).isEmpty()) {
              accepted.add(
                  run.getKey() + ": " + instance.table() + " row " + row + ": " + proposal);
            }
          }
        }
      }
    }
    proposed.forEach((table, count) -> System.out.printf("%-9s %7d rows proposed%n", table, count));
    System.out.printf(
        "assurance: underconstraint search at full word size: %d rows proposed, %d accepted%n",
        proposed.values().stream().mapToInt(Integer::intValue).sum(), accepted.size());
    assertEquals(List.of(), accepted.stream().limit(10).toList(), "rows that nothing objects to");
    // Some tables leave so little open that there is nothing to propose.
    assertEquals(
        TableSet.STANDARD.tables().stream()
            .filter(InstructionTable.class::isInstance)
            .collect(Collectors.toSet()),
        attacked);
  }

  /** One active row for each combination of bits. */
  static List<Integer> rows(TableInstance instance) {
    List<Column> bits =
        instance.table().columns(Column.Kind.MAIN).stream()
            .filter(c -> c.width() == Width.BIT)
            .toList();
    Set<List<Fr>> seen = new HashSet<>();
    List<Integer> rows = new ArrayList<>();
    for (int i = 0; i < instance.height(); i++) {
      int row = i;
      List<Fr> kind = bits.stream().map(c -> instance.cell(c, row)).toList();
      if (!kind.getFirst().isZero() && seen.add(kind)) {
        rows.add(row);
      }
    }
    return rows;
  }
}

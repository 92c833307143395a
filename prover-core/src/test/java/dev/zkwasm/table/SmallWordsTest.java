package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.AffineForm;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.ExecutionTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Underconstraint search on small words: for every operation of the tables that compute, the inputs
 * of a row are fixed and all rows that satisfy constraints and lookups are found. What they send to
 * other rows must be the same in all of them. With bytes of one bit a word has eight, and where a
 * row has no more than four inputs of half a word, all inputs are gone through ({@code long}, at
 * most {@code -Dsmallwords.inputs} of them); else, and in the default build, as many drawn at
 * random.
 *
 * <p>Tables that address memory are not among them: which word an address means is decided by what
 * cells there are, and no row alone could say. {@link AdversaryTest} asks the same of all tables at
 * full size, though not of all inputs.
 */
class SmallWordsTest {
  static final List<String> TABLES =
      List.of(
          "inc", "addK", "addR", "alu", "brK", "brR", "brSumK", "brSumR", "cmp32", "cmp", "bitK",
          "bitR", "brAnd", "bit", "mulK", "mul", "div", "copy");

  private static final int BYTE_BITS = 1;

  @Test
  void rowsOfSmallWordsSendOneThing() {
    search(30);
  }

  @Test
  @Tag("long")
  void rowsOfSmallWordsSendOneThingWhateverTheInputs() {
    search(Integer.getInteger("smallwords.inputs", 1 << 16));
  }

  private static void search(int most) {
    Map<String, Set<Map<Column, Long>>> operations = operations();
    List<String> wrong = new ArrayList<>();
    long inputsTried = 0;
    int operationsTried = 0;
    for (String name : TABLES) {
      long queries = 0;
      long none = 0;
      long rows = 0;
      boolean all = true;
      Set<Map<Column, Long>> flags = operations.getOrDefault(name, Set.of());
      assertFalse(flags.isEmpty(), "no operation of " + name);
      for (Map<Column, Long> operation : flags) {
        SmallTable small =
            new SmallTable(
                TableSet.STANDARD.air(TableSet.STANDARD.table(name)), operation, BYTE_BITS);
        double possible = Math.pow((double) small.halves(), small.inputs());
        all &= possible <= most;
        Random random = new Random(11);
        // Some fields of an operation must be 0, so not all inputs drawn have a row.
        long solved = 0;
        for (int i = 0; i < Math.min(possible, 6.0 * most) && solved < most; i++) {
          long[] inputs = inputs(small, possible <= most ? i : -1, random);
          Set<List<Long>> sent = small.solve(inputs);
          queries++;
          solved += sent.size();
          none += sent.isEmpty() ? 1 : 0;
          if (sent.size() > 1 || small.undetermined()) {
            wrong.add(name + " " + operation + " of " + Arrays.toString(inputs) + ": " + sent);
            break;
          }
        }
        assertTrue(solved > 0, name + " " + operation + ": no inputs have a row");
        rows += small.rows();
      }
      System.out.printf(
          "small words: %-7s %3d operations, %8d inputs%s, %8d rows, %7d inputs without one%n",
          name, flags.size(), queries, all ? " (all)" : "", rows, none);
      inputsTried += queries;
      operationsTried += flags.size();
    }
    System.out.printf(
        "assurance: underconstraint search on small words: %d inputs of %d operations, %d rows not"
            + " determined%n",
        inputsTried, operationsTried, wrong.size());
    assertEquals(List.of(), wrong.stream().limit(10).toList());
  }

  /** The inputs of a number, or random ones, every other of them edges only. */
  private static long[] inputs(SmallTable small, int number, Random random) {
    long[] inputs = new long[small.inputs()];
    int rest = number;
    long halves = small.halves();
    boolean edges = random.nextBoolean();
    for (int i = 0; i < inputs.length; i++) {
      if (number >= 0) {
        inputs[i] = rest % halves;
        rest /= (int) halves;
      } else if (random.nextInt(3) == 0) {
        inputs[i] = 0;
      } else if (edges) {
        inputs[i] = random.nextBoolean() ? random.nextInt(2) : halves - 1 - random.nextInt(2);
      } else {
        inputs[i] = random.nextLong(halves);
      }
    }
    return inputs;
  }

  /** The flags of all operations that honest runs have in a table. */
  private static Map<String, Set<Map<Column, Long>>> operations() {
    Map<String, Set<Map<Column, Long>>> operations = new LinkedHashMap<>();
    for (ExecutionTrace run : Programs.all().values()) {
      for (TableInstance instance : WitnessBuilder.build(TableSet.STANDARD, run).instances()) {
        if (!TABLES.contains(instance.table().name())) {
          continue;
        }
        Column active = instance.table().columns(Column.Kind.MAIN).getFirst();
        Set<Column> flags = new LinkedHashSet<>();
        flags.add(active);
        for (Interaction interaction : instance.air().interactions()) {
          if (interaction.bus() == Bus.PROGRAM) {
            flags.addAll(AffineForm.of(interaction.tuple().get(1)).coefficients().keySet());
          }
        }
        for (int row = 0; row < instance.height(); row++) {
          if (!instance.cell(active, row).isZero()) {
            Map<Column, Long> of = new LinkedHashMap<>();
            for (Column flag : flags) {
              of.put(flag, instance.cell(flag, row).isZero() ? 0L : 1L);
            }
            operations.computeIfAbsent(instance.table().name(), n -> new LinkedHashSet<>()).add(of);
          }
        }
      }
    }
    return operations;
  }
}

package dev.zkwasm.table;

import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.Interaction;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Each constraint and each range lookup of an instruction table is left out in turn, and a forged
 * row is found to which nothing else objects: so each is needed, and the tests that forge rows
 * would notice if one were missing. Those for which the search finds no such row are listed.
 */
class NecessityTest {
  /** Rows tried per table, of different operations. */
  private static final int ROWS = 4;

  /**
   * Those that are about neither flags nor time and that the search does not show: the attack that
   * shows it, which nothing else in its row objects to; or the reason why nothing needs it.
   */
  private static final Map<String, String> EXPLAINED =
      Map.ofEntries(
          entry("addR: fetch", "AttackTest.anotherOperation"),
          entry("copy: fetch", "AttackTest.anotherField"),
          entry("grow: fetch", "AttackTest.anotherField"),
          entry("cell: fetch", "AttackTest.anotherField"),
          entry("move: target address", "AttackTest.anotherTarget"),
          entry("cmp: sum: low", "AttackTest.anotherSumCompared"),
          entry("cmp: sum: high", "AttackTest.anotherSumCompared"),
          entry(
              "cmp32: no upper half of the constant", "AttackTest.comparisonWithHalfOfTheConstant"),
          entry("mem: no base without register a", "AttackTest.baseWithoutRegister"),
          entry("memG: no base without register a", "AttackTest.baseWithoutRegister"),
          entry("memG: page", "AttackTest.pageBelowZero"),
          entry("memG: page of the memory", "AttackTest.pageBeyondTheMemory"),
          entry("memB: no base without register a", "AttackTest.baseWithoutRegister"),
          entry("memB: page", "AttackTest.pageBelowZero"),
          entry("memB: place in the page", "AttackTest.pageBeyondTheMemory"),
          entry("memB: page of the memory", "AttackTest.pageBeyondTheMemory"),
          entry("memB: size2 stays in the word", "AttackTest.bytesOfTheNextWord"),
          entry("memB: size4 stays in the word", "AttackTest.bytesOfTheNextWord"),
          entry("memB: size8 stays in the word", "AttackTest.bytesOfTheNextWord"),
          entry("memX: no base without register a", "AttackTest.baseWithoutRegister"),
          entry("memX: address", "AttackTest.anotherPairOfWords"),
          entry("exit: one way to end", "AttackTest.exitAtAZeroRow"),
          entry("exit: flags of an access only with one", "AttackTest.exitTakenForAReturn"),
          entry(
              "mulK: no summand",
              "implied by the fetch for a program that keeps to the precondition of its"
                  + " instructions, a constant of 32 bits: it makes mulK say of others what mul"
                  + " does"));

  /**
   * What the search cannot show: it changes no flags of an operation and no padding. That these are
   * needed is seen in {@link AttackTest} ({@code multiplicitiesOfARow}, {@code
   * accessOnAPaddingRow}, {@code cellOpenedMoreThanOnceByItsFlag}).
   */
  private static boolean aboutFlags(String label) {
    return label.endsWith(" is boolean") || label.endsWith("only if active");
  }

  /** Nor does it change the time at which a cell was accessed last ({@code valueFromTheFuture}). */
  private static boolean aboutTime(String label) {
    return label.endsWith(": earlier");
  }

  @Test
  void constraintsOfSomeTablesAreNeeded() {
    Found found = search(List.of("alu", "brK", "div", "flow"), 1);
    assertTrue(found.needed > found.total / 2);
    assertEquals(List.of(), found.unexplained, "redundant, or the search is too weak");
  }

  /** In the other tables the search is too weak for some: these are {@link #EXPLAINED}. */
  @Test
  @Tag("long")
  void constraintsOfAllTablesAreNeeded() {
    List<String> tables =
        TableSet.STANDARD.tables().stream()
            .filter(InstructionTable.class::isInstance)
            .map(t -> t.name())
            .toList();
    Found found = search(tables, 2);
    System.out.println("about neither flags nor time: " + found.unexplained);
    assertEquals(List.of(), found.unexplained, "neither shown nor explained");
  }

  @Test
  void explanationsNameAttacks() throws ReflectiveOperationException {
    int attacks = 0;
    for (Map.Entry<String, String> e : EXPLAINED.entrySet()) {
      int colon = e.getKey().indexOf(": ");
      String table = e.getKey().substring(0, colon);
      Set<String> labels = labels(TableSet.STANDARD.air(TableSet.STANDARD.table(table)));
      assertTrue(labels.contains(e.getKey().substring(colon + 2)), e.getKey());
      if (e.getValue().startsWith("AttackTest.")) {
        String method = e.getValue().substring("AttackTest.".length());
        assertTrue(
            AttackTest.class.getDeclaredMethod(method).isAnnotationPresent(Test.class), method);
        attacks++;
      }
    }
    System.out.printf(
        "assurance: necessity: %d more shown by an attack, %d for a reason not%n",
        attacks, EXPLAINED.size() - attacks);
  }

  /**
   * What a search has found.
   *
   * @param needed how many constraints and lookups some forgery needs to get past
   * @param total how many there are
   * @param unexplained labels of the others that are about neither flags nor time
   */
  private record Found(int needed, int total, List<String> unexplained) {}

  private static Found search(List<String> tables, int flips) {
    Map<String, Set<String>> open = new TreeMap<>();
    Map<String, Integer> all = new LinkedHashMap<>();
    for (String name : tables) {
      Set<String> labels = labels(TableSet.STANDARD.air(TableSet.STANDARD.table(name)));
      labels.removeIf(l -> EXPLAINED.containsKey(name + ": " + l));
      all.put(name, labels.size());
      open.put(name, labels);
    }
    List<Forger> forgers = new ArrayList<>();
    for (ExecutionTrace run : Programs.all().values()) {
      forgers.add(new Forger(WitnessBuilder.build(TableSet.STANDARD, run)));
    }
    // What fewer flips show need not be looked for with more.
    for (int flipped = 0; flipped <= flips; flipped++) {
      for (Forger forger : forgers) {
        search(forger, flipped, open);
      }
      System.out.printf(
          "necessity: left open with up to %d flips: %s%n", flipped, explicable(open));
    }
    int needed = 0;
    int total = 0;
    List<String> unexplained = new ArrayList<>();
    for (String name : tables) {
      Set<String> left = open.getOrDefault(name, Set.of());
      int of = all.getOrDefault(name, 0);
      total += of;
      needed += of - left.size();
      if (!left.isEmpty()) {
        System.out.printf("not shown to be needed by the search: %s %s%n", name, left);
      }
      left.stream()
          .filter(l -> !aboutFlags(l) && !aboutTime(l))
          .forEach(l -> unexplained.add(name + ": " + l));
    }
    System.out.printf(
        "assurance: necessity: %d of %d constraints and lookups shown to be needed%n",
        needed, total);
    return new Found(needed, total, unexplained);
  }

  private static Map<String, List<String>> explicable(Map<String, Set<String>> open) {
    Map<String, List<String>> left = new TreeMap<>();
    open.forEach(
        (table, labels) ->
            left.put(table, labels.stream().filter(l -> !aboutFlags(l) && !aboutTime(l)).toList()));
    left.values().removeIf(List::isEmpty);
    return left;
  }

  private static void search(Forger forger, int flips, Map<String, Set<String>> open) {
    for (TableInstance instance : forger.witness().instances()) {
      Set<String> labels = open.get(instance.table().name());
      if (labels == null) {
        continue;
      }
      List<Integer> rows = AdversaryTest.rows(instance);
      // More of them with no boolean flipped, which is quick.
      int most =
          flips == 0 ? Math.min(6 * ROWS, rows.size()) : Math.min(2 * ROWS * flips, rows.size());
      for (int row : rows.subList(0, most)) {
        if (labels.stream().allMatch(l -> aboutFlags(l) || aboutTime(l))) {
          break;
        }
        if (flips == 0) {
          singleCells(forger, instance, row, labels);
        }
        withoutOne(forger, instance, row, flips, labels);
      }
    }
  }

  /** Constraints, and lookups of ranges and tables; not the fetch. */
  private static Set<String> labels(Air air) {
    Set<String> labels = new LinkedHashSet<>();
    air.constraints().forEach(c -> labels.add(c.label()));
    for (Interaction interaction : air.interactions()) {
      if (interaction.bus().lookup()) {
        labels.add(interaction.label());
      }
    }
    return labels;
  }

  /** Forgeries of one cell to which one thing objects. */
  private static void singleCells(
      Forger forger, TableInstance instance, int row, Set<String> labels) {
    Random random = new Random(row);
    for (Column column : instance.table().columns(Column.Kind.MAIN)) {
      if (!ForgingTest.isFree(instance, row, column)) {
        for (Fr value : ForgingTest.otherValues(instance, column, row, random)) {
          record(forger, Map.of(new Forger.Cell(instance, column, row), value), labels);
        }
      }
    }
  }

  /** Forgeries that satisfy all equations but one, and those that satisfy all. */
  private static void withoutOne(
      Forger forger, TableInstance instance, int row, int flips, Set<String> labels) {
    Air air = instance.air();
    propose(forger, instance, row, new Adversary(air, instance, row, flips), true, labels);
    for (Constraint left : air.constraints()) {
      if (labels.contains(left.label()) && !aboutFlags(left.label())) {
        List<Constraint> others = new ArrayList<>(air.constraints());
        others.remove(left);
        Air without = new Air(air.table(), others, air.interactions(), air.nextRowColumns());
        Adversary adversary = new Adversary(without, instance, row, flips);
        propose(forger, instance, row, adversary, flips > 0, labels);
      }
    }
  }

  /**
   * Judges what an adversary proposes.
   *
   * @param hiding whether numbers out of range are also hidden in any one of their limbs: which is
   *     what shows that its lookup is needed
   */
  private static void propose(
      Forger forger,
      TableInstance instance,
      int row,
      Adversary adversary,
      boolean hiding,
      Set<String> labels) {
    List<Map<Column, Fr>> solved = adversary.proposals();
    List<Map<Column, Fr>> proposals = new ArrayList<>(solved);
    for (Map<Column, Fr> proposal : hiding ? solved : List.<Map<Column, Fr>>of()) {
      for (List<Column> limbs : adversary.limbGroups()) {
        for (int i = 0; i < limbs.size(); i++) {
          Map<Column, Fr> hidden = new LinkedHashMap<>(proposal);
          adversary.limbGroups().forEach(g -> Adversary.normalise(hidden, g));
          Adversary.absorb(hidden, limbs, i);
          proposals.add(hidden);
        }
      }
    }
    Set<Column> free = ForgingTest.free(instance, row);
    for (Map<Column, Fr> proposal : proposals) {
      Map<Forger.Cell, Fr> changes = new HashMap<>();
      proposal.forEach(
          (column, value) -> {
            if (!value.equals(instance.cell(column, row)) && !free.contains(column)) {
              changes.put(new Forger.Cell(instance, column, row), value);
            }
          });
      if (!changes.isEmpty()) {
        record(forger, changes, labels);
      }
    }
  }

  private static void record(Forger forger, Map<Forger.Cell, Fr> changes, Set<String> labels) {
    Set<String> objections = new LinkedHashSet<>(forger.localObjections(changes));
    if (objections.size() == 1) {
      labels.removeAll(objections);
    }
  }
}

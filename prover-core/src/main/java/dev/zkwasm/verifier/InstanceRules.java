package dev.zkwasm.verifier;

import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Statement;
import java.util.List;

/**
 * Which lists of instances are allowed, and the limits within which sums over their rows cannot
 * wrap around. Without the limits a statement could be false although every constraint holds.
 */
final class InstanceRules {
  /** Times are below this. */
  private static final long TIME_LIMIT = 1L << 32;

  /** Rows times interactions. */
  private static final long INTERACTION_LIMIT = 1L << 40;

  private final ConstraintSystem system;
  private final ProgramHeader header;
  private final Statement statement;

  InstanceRules(ConstraintSystem system, ProgramHeader header, Statement statement) {
    this.system = system;
    this.header = header;
    this.statement = statement;
  }

  /** Steps fit the time; {@code time of the end = 4 (steps + 1) <= 2^32}. */
  void checkSteps() throws Refusal {
    long most = TIME_LIMIT / Program.TIME_STEP - 1;
    Refusal.unless(
        statement.steps() >= 0 && statement.steps() <= most,
        "steps " + statement.steps() + " is above " + most);
  }

  /** Order, number and heights of the instances. */
  void checkInstances(List<Instance> instances) throws Refusal {
    for (int i = 1; i < instances.size(); i++) {
      Instance last = instances.get(i - 1);
      Instance next = instances.get(i);
      Refusal.unless(
          last.table() < next.table() || (last.table() == next.table() && last.log() >= next.log()),
          "instance " + i + " is out of order");
    }
    for (int table = 0; table < system.tables().size(); table++) {
      int index = table;
      checkTable(table, instances.stream().filter(x -> x.table() == index).toList());
    }
    long executionRows = 0;
    long interactions = 0;
    for (Instance instance : instances) {
      Table table = system.table(instance.table()).table();
      if (table.role() == Table.Role.INSTRUCTION) {
        executionRows += instance.height();
      }
      interactions +=
          (long) instance.height() * system.table(instance.table()).air().interactions().size();
    }
    Refusal.unless(
        statement.steps() <= executionRows,
        "steps " + statement.steps() + " is above the " + executionRows + " rows of the tables");
    Refusal.unless(interactions <= INTERACTION_LIMIT, "too many interactions: " + interactions);
  }

  private void checkTable(int index, List<Instance> instances) throws Refusal {
    Table table = system.table(index).table();
    int number = instances.size();
    boolean allowed =
        switch (table.role()) {
          case INSTRUCTION, AUXILIARY -> true;
          case SINGLE, PROGRAM, PUBLIC -> number == 1;
          // A lookup that no table provides does not balance, so none must be there.
          case OPTIONAL, FIXED -> number <= 1;
        };
    Refusal.unless(allowed, "table " + table + " has " + number + " instances");
    for (Instance instance : instances) {
      int height =
          switch (table.role()) {
            case INSTRUCTION, AUXILIARY, SINGLE, OPTIONAL -> instance.height();
            case PROGRAM -> 1 << programLog(index);
            case PUBLIC -> publicHeight(statement.publicInput().length);
            case FIXED -> table.fixedHeight();
          };
      Refusal.unless(
          instance.height() == height,
          "table " + table + " has height " + instance.height() + ", not " + height);
    }
  }

  private int programLog(int table) {
    return system.isNamed(table, ConstraintSystem.PROGRAM)
        ? header.programLog()
        : header.imageLog();
  }

  /** The smallest power of two not below 16 and {@code 1 + ceil(bytes / 8)}. */
  private static int publicHeight(int bytes) {
    int words = 1 + bytes / 8 + (bytes % 8 == 0 ? 0 : 1);
    int least = Math.max(1 << Instance.MIN_LOG, words);
    return 1 << (Integer.SIZE - Integer.numberOfLeadingZeros(least - 1));
  }
}

package dev.zkwasm.proof;

import java.util.ArrayList;
import java.util.List;

/**
 * Where the parts of a proof are, given its instances: the numbering of commitments, evaluations,
 * constraints and opening groups that {@code docs/spec/protocol.md} fixes and that prover and
 * verifier share.
 */
public final class ProofLayout {
  /** Commitments to the pieces of the quotient. */
  public static final int QUOTIENT_PIECES = 4;

  /**
   * An instance and the positions of its first parts.
   *
   * @param index its position in the list
   * @param instance the instance
   * @param table its table
   * @param firstMain position of its first main column among all main commitments
   * @param firstHelper position of its first helper among all helper commitments
   * @param firstEvaluation position of its first evaluation
   * @param firstConstraint number of its first constraint: the power of y
   */
  public record Part(
      int index,
      Instance instance,
      TableLayout table,
      int firstMain,
      int firstHelper,
      int firstEvaluation,
      int firstConstraint) {

    /** Position of the evaluation of a slot. */
    public int evaluation(int slot) {
      return firstEvaluation + table.evaluation(slot);
    }

    /** Position of the evaluation of a slot in the next row. */
    public int nextEvaluation(int slot) {
      return firstEvaluation + table.nextEvaluation(slot);
    }
  }

  /**
   * A polynomial of an opening group.
   *
   * @param part its instance
   * @param slot its slot
   */
  public record Member(Part part, int slot) {}

  /**
   * Polynomials opened at the same points. In the groups of the largest height one more member
   * follows: the quotient where {@code pair} is false, the accumulator where it is true.
   *
   * @param log logarithm of the height
   * @param pair whether they are opened at the next row too
   * @param members the polynomials in order
   */
  public record Group(int log, boolean pair, List<Member> members) {}

  private final List<Part> parts;
  private final List<Group> groups;
  private final int maxLog;
  private final int mains;
  private final int helpers;
  private final int evaluations;
  private final int constraints;

  /**
   * The layout for a list of instances.
   *
   * @throws IllegalArgumentException if the list is empty or names a table that is not there
   */
  public ProofLayout(ConstraintSystem system, List<Instance> instances) {
    List<Part> all = new ArrayList<>();
    int main = 0;
    int helper = 0;
    int evaluation = 0;
    int constraint = 0;
    for (Instance instance : instances) {
      if (instance.table() >= system.tables().size()) {
        throw new IllegalArgumentException("there is no table " + instance.table());
      }
      TableLayout table = system.table(instance.table());
      all.add(new Part(all.size(), instance, table, main, helper, evaluation, constraint));
      main += table.main().size();
      helper += table.helpers();
      evaluation += table.evaluations();
      constraint += table.constraints();
    }
    this.parts = List.copyOf(all);
    this.mains = main;
    this.helpers = helper;
    this.evaluations = evaluation + 2;
    this.constraints = constraint + 1;
    this.maxLog =
        instances.stream()
            .mapToInt(Instance::log)
            .max()
            .orElseThrow(() -> new IllegalArgumentException("there are no instances"));
    this.groups = groups(parts, maxLog);
  }

  private static List<Group> groups(List<Part> parts, int maxLog) {
    List<Group> groups = new ArrayList<>();
    for (int log = maxLog; log >= Instance.MIN_LOG; log--) {
      for (boolean pair : new boolean[] {false, true}) {
        List<Member> members = new ArrayList<>();
        for (Part part : parts) {
          for (int slot = 0; part.instance().log() == log && slot < part.table().slots(); slot++) {
            if (part.table().usesNext(slot) == pair) {
              members.add(new Member(part, slot));
            }
          }
        }
        if (log == maxLog || !members.isEmpty()) {
          groups.add(new Group(log, pair, List.copyOf(members)));
        }
      }
    }
    return List.copyOf(groups);
  }

  /** The instances in order. */
  public List<Part> parts() {
    return parts;
  }

  /** The instance list. */
  public List<Instance> instances() {
    return parts.stream().map(Part::instance).toList();
  }

  /** The opening groups in order. */
  public List<Group> groups() {
    return groups;
  }

  /** Logarithm of the largest height, that of the accumulator. */
  public int maxLog() {
    return maxLog;
  }

  /** Number of commitments to main columns. */
  public int mains() {
    return mains;
  }

  /** Number of commitments to helper columns; that to the accumulator follows them. */
  public int helpers() {
    return helpers;
  }

  /** Number of evaluations; the last two are the accumulator's, in this row and the next. */
  public int evaluations() {
    return evaluations;
  }

  /** Number of constraints; the last is the accumulator's. */
  public int constraints() {
    return constraints;
  }
}

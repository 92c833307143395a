package dev.zkwasm.exec;

import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where the results of a program's instructions are read. An extended basic block is what runs from
 * an instruction that something jumps to, calls or returns to, up to the next such one, a jump, a
 * call or the end; branches leave it in between. So within a block the number of steps between two
 * instructions is known. Slots are those of the frame of the running function; a callee's are
 * shifted by the distance of the call.
 */
final class Dataflow {
  /** A read of a register: operand a (0) or b (1) of an instruction. */
  record Read(int pc, int operand) {}

  /**
   * A result.
   *
   * @param pc the instruction that has it
   * @param reads reads of it in the same block
   * @param dies whether nothing else reads it
   */
  record Definition(int pc, List<Read> reads, boolean dies) {}

  private final Program program;
  private final int size;

  /** By pc: whether a block begins there. */
  private final BitSet leaders = new BitSet();

  /** By pc: the slots whose values may be read from there on. */
  private final BitSet[] live;

  /** By pc: entry of the function that it belongs to; 0 if it is never reached. */
  private final int[] function;

  /** By entry of a function: the slots that may be read after it returns. */
  private final Map<Integer, BitSet> afterReturn = new HashMap<>();

  Dataflow(Program program) {
    this.program = program;
    this.size = program.code().size();
    this.live = new BitSet[size + 1];
    Arrays.setAll(live, pc -> new BitSet());
    this.function = new int[size + 1];
    findBlocks();
    findLive();
  }

  private void findBlocks() {
    Deque<Integer> entries = new ArrayDeque<>();
    program.exports().forEach(e -> entries.add(e.entryPc()));
    while (!entries.isEmpty()) {
      int entry = entries.remove();
      if (afterReturn.containsKey(entry)) {
        continue;
      }
      afterReturn.put(entry, new BitSet());
      leaders.set(entry);
      Deque<Integer> todo = new ArrayDeque<>(List.of(entry));
      while (!todo.isEmpty()) {
        int pc = todo.remove();
        if (function[pc] == entry) {
          continue;
        }
        function[pc] = entry;
        Instruction i = program.at(pc);
        for (int next : successors(pc)) {
          todo.add(next);
          if (next != pc + 1 || ends(i)) {
            leaders.set(next);
          }
        }
        if (i.opcode() == Opcode.CALL) {
          entries.add((int) i.kLo());
        }
      }
    }
  }

  private void findLive() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int pc = size; pc >= 1; pc--) {
        if (function[pc] == 0) {
          continue;
        }
        Instruction i = program.at(pc);
        BitSet now = new BitSet();
        for (int next : successors(pc)) {
          now.or(live[next]);
        }
        if (i.opcode() == Opcode.CALL) {
          int callee = (int) i.kLo();
          BitSet after = shifted(now, -i.d());
          BitSet known = afterReturn.computeIfAbsent(callee, k -> new BitSet());
          int before = known.cardinality();
          known.or(after);
          changed |= known.cardinality() != before;
          now.clear(i.d(), Math.max(i.d(), now.length()));
          now.or(shifted(live[callee], i.d()));
        } else if (i.opcode() == Opcode.RETURN) {
          now.or(afterReturn.computeIfAbsent(function[pc], k -> new BitSet()));
        }
        int written = i.destination();
        if (written >= 0) {
          now.clear(written);
        }
        Arrays.stream(reads(i)).filter(slot -> slot >= 0).forEach(now::set);
        if (!now.equals(live[pc])) {
          live[pc] = now;
          changed = true;
        }
      }
    }
  }

  private static BitSet shifted(BitSet slots, int by) {
    BitSet result = new BitSet();
    slots.stream().map(slot -> slot + by).filter(slot -> slot >= 0).forEach(result::set);
    return result;
  }

  /** Where the run may go from an instruction in the same function; after a call, back to it. */
  private int[] successors(int pc) {
    Instruction i = program.at(pc);
    if (branches(i)) {
      return new int[] {pc + 1, i.d()};
    }
    return switch (i.opcode()) {
      case JUMP -> new int[] {i.d()};
      case JUMP_INDEXED -> {
        int end = pc + 1;
        while (end <= size && program.at(end).opcode() == Opcode.JUMP) {
          end++;
        }
        int[] row = new int[end - pc - 1];
        Arrays.setAll(row, n -> pc + 1 + n);
        yield row;
      }
      case RETURN, HALT, EXIT, TRAP -> new int[0];
      default -> new int[] {pc + 1};
    };
  }

  private static boolean branches(Instruction i) {
    return switch (i.opcode().opClass()) {
      case CMP -> i.opcode().has(Flags.CMP_BRANCH);
      case BIT -> i.opcode().has(Flags.BIT_BRANCH);
      default -> false;
    };
  }

  /** Whether a block ends with it. */
  private static boolean ends(Instruction i) {
    return i.opcode().opClass() == OpClass.FLOW || i.opcode().opClass() == OpClass.EXIT;
  }

  /** The slots of operands a and b; -1 for one that is not read. */
  static int[] reads(Instruction i) {
    Opcode op = i.opcode();
    boolean a =
        switch (op.opClass()) {
          case ALU, CMP, BIT, MUL, DIV, GROW, CELL -> true;
          case MEM -> i.aRegister();
          case MOVE -> op.has(Flags.MOVE_FROM_REGISTER);
          case FLOW -> op.has(Flags.FLOW_JUMP_INDEXED);
          case HOST -> !op.has(Flags.HOST_ARGUMENT);
          case EXIT -> op.has(Flags.EXIT_CODE);
        };
    boolean b =
        switch (op.opClass()) {
          case ALU, CMP, BIT, MUL, DIV -> i.bRegister();
          case MEM -> op.has(Flags.MEM_STORE) && i.bRegister();
          case CELL -> op.has(Flags.CELL_STORE);
          case MOVE, FLOW, HOST, GROW, EXIT -> false;
        };
    return new int[] {a ? i.a() : -1, b ? i.b() : -1};
  }

  /** The results of all instructions that can be reached. */
  List<Definition> definitions() {
    List<Definition> definitions = new ArrayList<>();
    for (int pc = 1; pc <= size; pc++) {
      if (function[pc] != 0 && program.at(pc).destination() >= 0) {
        definitions.add(definition(pc));
      }
    }
    return definitions;
  }

  private Definition definition(int pc) {
    int slot = program.at(pc).destination();
    List<Read> reads = new ArrayList<>();
    boolean dies = !branches(program.at(pc)) || !live[program.at(pc).d()].get(slot);
    for (int at = pc + 1; ; at++) {
      if (at > size || leaders.get(at)) {
        return new Definition(pc, reads, dies && (at > size || !live[at].get(slot)));
      }
      Instruction i = program.at(at);
      int[] operands = reads(i);
      for (int operand = 0; operand < operands.length; operand++) {
        if (operands[operand] == slot) {
          reads.add(new Read(at, operand));
        }
      }
      if (ends(i)) {
        // What a callee or the caller reads is live here; an operand of the instruction too, of
        // which only an indexed jump and an exit have one: they count as reads elsewhere.
        return new Definition(pc, reads, dies && !live[at].get(slot));
      }
      if (i.destination() == slot) {
        return new Definition(pc, reads, dies);
      }
      if (branches(i) && live[i.d()].get(slot)) {
        dies = false;
      }
    }
  }
}

package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.host.Label;
import dev.zkwasm.host.Routine;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.lower.TableSpace.Region;
import dev.zkwasm.wasm.CodeReader;

/**
 * Lowers the instructions on references, tables and passive segments. A reference is 0 for null, a
 * function's index + 1, or what the host gave.
 */
final class TableLowering {
  private final Lowering lowering;
  private final TableSpace space;
  private final Assembler assembler;
  private final Operands operands;

  TableLowering(Lowering lowering, Assembler assembler, Operands operands) {
    this.lowering = lowering;
    this.space = lowering.tableSpace();
    this.assembler = assembler;
    this.operands = operands;
  }

  /** Lowers the instruction; false if it is no such one. */
  boolean lower(CodeReader code) {
    switch (code.opcode()) {
      case REF_NULL -> operands.pushConstant(0);
      case REF_FUNC -> operands.pushConstant(code.index() + 1L);
      case TABLE_GET -> get(space.table(code.index()));
      case TABLE_SET -> set(space.table(code.index()));
      case TABLE_SIZE -> size(space.table(code.index()));
      case TABLE_GROW -> grow(space.table(code.index()));
      case TABLE_FILL -> bulk(Routine.TABLE_FILL, space.table(code.index()));
      case TABLE_COPY ->
          bulk(Routine.TABLE_COPY, space.table(code.index()), space.table((int) code.value()));
      case TABLE_INIT ->
          bulk(Routine.TABLE_COPY, space.table((int) code.value()), space.elements(code.index()));
      case MEMORY_INIT -> bulk(Routine.MEMORY_INIT, space.data(code.index()));
      case ELEM_DROP -> drop(space.elements(code.index()));
      case DATA_DROP -> drop(space.data(code.index()));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void get(Region table) {
    int index = operands.pop();
    int register = operands.register(index);
    checkIndex(register, operands.home(index + 1), table);
    assembler.emit(
        new Instruction(
            Opcode.CELL_LOAD, 0, register, operands.home(index), table.base(), true, true));
    operands.pushTemporary();
    operands.defined();
  }

  private void set(Region table) {
    int value = operands.pop();
    int index = operands.pop();
    int register = operands.register(index);
    int stored = operands.register(value);
    checkIndex(register, operands.home(value + 1), table);
    assembler.emit(
        new Instruction(Opcode.CELL_STORE, 0, register, stored, table.base(), true, true));
  }

  /**
   * Traps unless the index in a register is below the table's size.
   *
   * @param t a free slot
   */
  private void checkIndex(int register, int t, Region table) {
    Label fine = new Label();
    if (table.isConstant()) {
      assembler.branchConstant(Opcode.BR_LTU, register, table.size(), fine);
    } else {
      putSize(t, table);
      assembler.branch(Opcode.BR_LTU, register, t, fine);
    }
    assembler.trap(TrapReason.TABLE_OUT_OF_BOUNDS);
    assembler.bind(fine);
  }

  private void size(Region table) {
    if (table.isConstant()) {
      operands.pushConstant(table.size());
    } else {
      putSize(operands.pushTemporary(), table);
      operands.defined();
    }
  }

  private void grow(Region table) {
    int first = settle(2);
    int slot = operands.home(first);
    assembler.constant(slot + 2, table.base());
    putSize(slot + 3, table);
    assembler.constant(slot + 4, table.limit());
    assembler.call(lowering.routine(Routine.TABLE_GROW), slot);
    assembler.emit(
        new Instruction(Opcode.GLOBAL_SET, table.sizeGlobal(), slot + 1, 0, 0, true, false));
    operands.shrinkTo(first);
    operands.pushTemporary();
  }

  /** Calls a routine of three operands, with base and size of each region above them. */
  private void bulk(Routine routine, Region... regions) {
    int first = settle(3);
    int slot = operands.home(first) + 3;
    for (Region region : regions) {
      assembler.constant(slot, region.base());
      putSize(slot + 1, region);
      slot += 2;
    }
    assembler.call(lowering.routine(routine), operands.home(first));
    operands.shrinkTo(first);
  }

  /** Puts the topmost operands in their homes; returns the position of the first. */
  private int settle(int count) {
    int first = operands.size() - count;
    for (int i = first; i < operands.size(); i++) {
      operands.settle(i);
    }
    return first;
  }

  private void putSize(int slot, Region region) {
    if (region.isConstant()) {
      assembler.constant(slot, region.size());
    } else {
      assembler.emit(
          new Instruction(Opcode.GLOBAL_GET, slot, region.sizeGlobal(), 0, 0, false, false));
    }
  }

  private void drop(Region segment) {
    if (!segment.isConstant()) {
      assembler.emit(
          new Instruction(Opcode.GLOBAL_CONST, segment.sizeGlobal(), 0, 0, 0, false, false));
    }
  }
}

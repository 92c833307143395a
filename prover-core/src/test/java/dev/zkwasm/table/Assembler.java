package dev.zkwasm.table;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.SourceLocation;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Small programs for tests. Labels are names of pcs and may be used before they are set. */
final class Assembler {
  private record Patch(int index, String label, boolean inK) {}

  private final List<Instruction> code = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Patch> patches = new ArrayList<>();
  private final List<ImageCell> image = new ArrayList<>();
  private int pages;
  private List<ValueType> parameters = List.of();
  private List<ValueType> results = List.of();

  /** pc of the next instruction. */
  int here() {
    return code.size() + 1;
  }

  Assembler label(String name) {
    labels.put(name, here());
    return this;
  }

  Assembler add(Instruction instruction) {
    code.add(instruction);
    return this;
  }

  /** {@code d = op(a, register b)}. */
  Assembler rr(Opcode op, int d, int a, int b) {
    return add(Instruction.ofRegisters(op, d, a, b));
  }

  /** {@code d = op(a, constant k)}. */
  Assembler rk(Opcode op, int d, int a, long k) {
    return add(Instruction.ofConstant(op, d, a, k));
  }

  /** A branch to a label. */
  Assembler branch(Opcode op, int a, int b, String label) {
    patches.add(new Patch(code.size(), label, false));
    return rr(op, 0, a, b);
  }

  Assembler branchConstant(Opcode op, int a, long k, String label) {
    patches.add(new Patch(code.size(), label, false));
    return rk(op, 0, a, k);
  }

  /** {@code d = k}. */
  Assembler constant(int d, long k) {
    return add(new Instruction(Opcode.CONST, d, 0, 0, k, false, false));
  }

  /** An instruction with register a and no operand b. */
  Assembler a(Opcode op, int d, int a, long k) {
    return add(new Instruction(op, d, a, 0, k, true, false));
  }

  /** An instruction without operand registers. */
  Assembler none(Opcode op, int d, int a, long k) {
    return add(new Instruction(op, d, a, 0, k, false, false));
  }

  Assembler jump(String label) {
    patches.add(new Patch(code.size(), label, false));
    return none(Opcode.JUMP, 0, 0, 0);
  }

  Assembler call(String label, int distance, long cells) {
    patches.add(new Patch(code.size(), label, true));
    return none(Opcode.CALL, distance, 0, cells << 32);
  }

  /** An access at register a + offset. */
  Assembler memory(Opcode op, int b, int a, long offset) {
    return add(new Instruction(op, 0, a, b, offset, true, true));
  }

  /** An access at a constant address. */
  Assembler memoryAt(Opcode op, int b, long address) {
    return add(new Instruction(op, 0, 0, b, address, false, true));
  }

  /** A store of a constant at register a + offset. */
  Assembler storeConstant(Opcode op, int a, long offset, long value) {
    return add(new Instruction(op, 0, a, 0, value << 32 | offset, true, false));
  }

  Assembler pages(int count) {
    pages = count;
    return this;
  }

  Assembler image(Space space, long address, long value) {
    image.add(new ImageCell(space, address, value));
    return this;
  }

  Assembler types(List<ValueType> parameterTypes, List<ValueType> resultTypes) {
    parameters = parameterTypes;
    results = resultTypes;
    return this;
  }

  /** The program; its one export, {@code main}, starts at pc 1. */
  Program program() {
    List<Instruction> resolved = new ArrayList<>(code);
    for (Patch patch : patches) {
      int target = Objects.requireNonNull(labels.get(patch.label), patch.label);
      Instruction i = resolved.get(patch.index);
      resolved.set(
          patch.index,
          new Instruction(
              i.opcode(),
              patch.inK ? i.d() : target,
              i.a(),
              i.b(),
              patch.inK ? i.k() | target : i.k(),
              i.aRegister(),
              i.bRegister()));
    }
    List<SourceLocation> locations = new ArrayList<>();
    for (int i = 0; i < resolved.size(); i++) {
      locations.add(new SourceLocation(0, "test", i, resolved.get(i).opcode().name()));
    }
    List<ImageCell> sorted =
        image.stream().sorted(Comparator.comparingLong(ImageCell::key)).toList();
    return new Program(
        new byte[32],
        0,
        resolved,
        locations,
        List.of(new Program.Export("main", parameters, results, 1)),
        pages,
        sorted);
  }

  ExecutionTrace run(Value... arguments) {
    return run(new byte[0], new byte[0], arguments);
  }

  ExecutionTrace run(byte[] publicInput, byte[] privateInput, Value... arguments) {
    return TestMachine.run(
        program(), new Call("main", List.of(arguments), publicInput, privateInput));
  }

  static Value i32(long bits) {
    return new Value(ValueType.I32, bits);
  }

  static Value i64(long bits) {
    return new Value(ValueType.I64, bits);
  }
}

package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.exec.Dataflow.Definition;
import dev.zkwasm.exec.Dataflow.Read;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.SourceLocation;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class DataflowTest {
  private static final Instruction HALT = none(Opcode.HALT);

  @Test
  void readsInTheBlock() {
    List<Definition> definitions =
        definitions(
            constant(0, 5),
            Instruction.ofConstant(Opcode.ADD32, 1, 0, 1),
            Instruction.ofRegisters(Opcode.ADD32, 2, 1, 1),
            Instruction.ofConstant(Opcode.BR_EQ, 6, 2, 0),
            Instruction.ofConstant(Opcode.ADD32, 2, 2, 1),
            new Instruction(Opcode.RESULT, 0, 0, 0, 0, true, false),
            HALT);
    assertEquals(
        List.of(
            // Read again behind the branch's target.
            new Definition(1, List.of(new Read(2, 0)), false),
            new Definition(2, List.of(new Read(3, 0), new Read(3, 1)), true),
            // What is read until it is written again, also behind the branch.
            new Definition(3, List.of(new Read(4, 0), new Read(5, 0)), true),
            new Definition(5, List.of(), true)),
        definitions);
  }

  @Test
  void readsElsewhereInTheFunction() {
    // The branch goes where slot 1 is read.
    assertEquals(
        List.of(
            new Definition(1, List.of(new Read(2, 0)), false), new Definition(3, List.of(), false)),
        definitions(
            constant(1, 5),
            Instruction.ofConstant(Opcode.BR_EQ, 4, 1, 0),
            constant(1, 6),
            new Instruction(Opcode.RESULT, 0, 1, 0, 0, true, false),
            HALT));
  }

  @Test
  void readsOfCalleesAndCallers() {
    assertEquals(
        List.of(
            new Definition(1, List.of(), true),
            // The callee's slot 0.
            new Definition(2, List.of(), false),
            // The caller's slot 4.
            new Definition(6, List.of(), false),
            new Definition(7, List.of(), true)),
        definitions(
            constant(0, 1),
            constant(4, 7),
            new Instruction(Opcode.CALL, 4, 0, 0, 6, false, false),
            new Instruction(Opcode.RESULT, 0, 4, 0, 0, true, false),
            HALT,
            Instruction.ofConstant(Opcode.ADD32, 0, 0, 1),
            constant(1, 2),
            none(Opcode.RETURN)));
  }

  @Test
  void whatABranchPuts() {
    // BR_PUT puts 9 in slot 2 whichever way it goes.
    Instruction put = new Instruction(Opcode.BR_PUT_EQ, 4, 1, 2, 9L << 32 | 4, true, false);
    assertEquals(2, put.destination());
    assertEquals(
        List.of(
            new Definition(1, List.of(new Read(2, 0)), true),
            new Definition(2, List.of(), false),
            new Definition(3, List.of(), true)),
        definitions(
            constant(1, 5),
            put,
            constant(0, 1),
            new Instruction(Opcode.RESULT, 0, 2, 0, 0, true, false),
            HALT));
  }

  private static Instruction constant(int slot, long value) {
    return new Instruction(Opcode.CONST, slot, 0, 0, value, false, false);
  }

  private static Instruction none(Opcode op) {
    return new Instruction(op, 0, 0, 0, 0, false, false);
  }

  private static List<Definition> definitions(Instruction... code) {
    Program program =
        new Program(
            new byte[32],
            0,
            List.of(code),
            Collections.nCopies(code.length, new SourceLocation(-1, "", -1, "")),
            List.of(new Program.Export("run", List.of(), List.of(), 1)),
            0,
            List.of());
    return new Dataflow(program).definitions();
  }
}

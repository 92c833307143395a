package dev.zkwasm.compute;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.PointwiseProgram.Instruction;
import dev.zkwasm.compute.PointwiseProgram.Opcode;
import dev.zkwasm.field.Fr;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointwiseProgramTest {
  @Test
  void equalExpressionsAreComputedOnceAndUnusedOnesNotAtAll() {
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(2, 0);
    int x = b.load(0, 0);
    int y = b.load(1, 0);
    assertEquals(b.mul(x, y), b.mul(y, x));
    b.mul(b.load(0, 3), y);
    b.store(0, b.add(b.mul(x, y), b.mul(y, x)));
    PointwiseProgram p = b.build();
    assertEquals(5, p.instructions().size(), p.toString());
    assertEquals(2, p.registers(), p.toString());
    assertEquals(0, p.maxRotation(0));
  }

  @Test
  void trivialArithmeticDisappears() {
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(1, 0);
    int x = b.load(0, 1);
    int zero = b.constant(Fr.ZERO);
    int one = b.constant(Fr.ONE);
    assertEquals(x, b.add(zero, x));
    assertEquals(x, b.sub(x, zero));
    assertEquals(x, b.mul(one, x));
    assertEquals(zero, b.mul(x, zero));
    assertEquals(zero, b.sub(x, x));
    assertEquals(b.constant(Fr.of(6)), b.mul(b.constant(Fr.of(2)), b.constant(Fr.of(3))));
    b.store(0, x);
    PointwiseProgram p = b.build();
    assertEquals(2, p.instructions().size());
    assertTrue(p.constants().isEmpty());
    assertEquals(1, p.maxRotation(0));
  }

  @Test
  void registersAreReused() {
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(40, 1);
    int sum = b.constant(Fr.ZERO);
    for (int c = 0; c < 40; c++) {
      sum = b.add(b.mul(sum, b.parameter(0)), b.load(c, 0));
    }
    b.store(0, sum);
    assertEquals(2, b.build().registers());
  }

  @Test
  void sharingABufferNeedsReadsBeforeTheWrite() {
    assertTrue(PointwiseProgram.ADD.mayShare(0, 0));
    PointwiseProgram.Builder b = new PointwiseProgram.Builder(2, 0);
    b.store(0, b.load(0, 0));
    b.store(1, b.mul(b.load(0, 0), b.load(1, 1)));
    PointwiseProgram p = b.build();
    assertFalse(p.mayShare(1, 0), "rotated");
    PointwiseProgram late =
        new PointwiseProgram(
            1,
            0,
            1,
            1,
            List.of(Fr.ONE),
            List.of(
                new Instruction(Opcode.STORE, 0, ~0, 0), new Instruction(Opcode.LOAD, 0, 0, 0)));
    assertFalse(late.mayShare(0, 0), "read after the write");
  }

  @Test
  void malformedProgramsAreRefused() {
    refused(new Instruction(Opcode.LOAD, 0, 1, 0));
    refused(new Instruction(Opcode.LOAD, 1, 0, 0));
    refused(new Instruction(Opcode.LOAD, 0, 0, -1));
    refused(new Instruction(Opcode.ADD, 0, 0, 0));
    refused(new Instruction(Opcode.STORE, 0, ~1, 0));
    refused(new Instruction(Opcode.STORE, 1, ~0, 0));
    refused();
    refused(new Instruction(Opcode.STORE, 0, ~0, 0), new Instruction(Opcode.STORE, 0, ~0, 0));
    assertThrows(IllegalArgumentException.class, () -> PointwiseProgram.ADD.pool(List.of(Fr.ONE)));
  }

  private static void refused(Instruction... code) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new PointwiseProgram(1, 0, 1, 1, List.of(Fr.ONE), List.of(code)));
  }
}

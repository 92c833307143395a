package dev.zkwasm.table;

import static dev.zkwasm.isa.Opcode.*;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Space;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * Known attacks on such systems, each with all the cells altered that the attacker would alter
 * together, and the constraint or bus that is meant to stop it.
 */
class AttackTest {
  private static final Fr TWO_16 = Fr.of(1 << 16);

  @AfterAll
  static void count() {
    System.out.println("assurance: " + Attack.made() + " attacks on rows, all stopped");
  }

  /** {@code r3 = op(a, b)} of registers 1 and 2, then halt. */
  private static Attack operation(Opcode op, long a, long b) {
    return new Attack(
        new Assembler().constant(1, a).constant(2, b).rr(op, 3, 1, 2).none(HALT, 0, 0, 0).run());
  }

  private static Fr inverse(long value) {
    return Fr.of(value).inverse();
  }

  // ---- unconstrained result or high part

  @Test
  void sumWithAnotherCarry() {
    // c - 2^32 in the low half, as a negative limb: the carry is set without need.
    operation(ADD64, 5, 6)
        .at("alu", 0)
        .set("carryLo", 1)
        .set("c1", TWO_16.negate())
        .shift("c2", 1)
        .isStoppedBy("c1");
  }

  @Test
  void sumWithLimbsOutOfRange() {
    operation(ADD64, 5, 6)
        .at("alu", 0)
        .shift("c0", 1 << 16)
        .shift("c1", -1)
        .isStoppedOnlyBy("c0", "c1");
  }

  @Test
  void narrowSumWithUpperHalf() {
    operation(ADD32, 1L << 32, 6).at("alu", 0).set("c2", 1).isStoppedBy("32 bits: limb 2 is 0");
  }

  @Test
  void narrowLoadWithUpperBytes() {
    new Attack(Programs.memory()).at("memB", 0).set("valueByte1", 1).isStoppedBy("load: byte 1");
  }

  @Test
  void narrowLoadOfHalfWithUpperHalf() {
    new Attack(new Assembler().pages(1).memoryAt(LOAD32, 1, 8).none(HALT, 0, 0, 0).run())
        .at("mem", 0)
        .set("valueHi", 1)
        .isStoppedBy("load: high half of the value");
  }

  @Test
  void discardedPartOfAStoredValue() {
    Attack attack =
        new Attack(
            new Assembler()
                .pages(1)
                .constant(1, 0x0201)
                .memoryAt(STORE8, 1, 8)
                .none(HALT, 0, 0, 0)
                .run());
    // Stores 2 instead of 1 by borrowing from the byte that is not stored.
    attack
        .at("memB", 0)
        .set("valueByte0", 2)
        .set("valueByte1", Fr.of(2).sub(inverse(256)))
        .isStoppedBy("value bytes 0 and 1");
  }

  @Test
  void narrowSumWithAnotherCarry() {
    Attack attack =
        new Attack(new Assembler().constant(1, 5).rk(ADD32, 1, 1, 6).none(HALT, 0, 0, 0).run());
    attack.at("inc", 0).set("carry", 1).isStoppedBy("the result, low limb");
    attack.set("c1", Fr.of(11).sub(Fr.of(1L << 32)).mul(inverse(1 << 16)));
    attack.isStoppedBy("the result, high limb");
    operation(SUB32, 5, 6).at("addR", 0).set("carry", 0).set("c1", -1).isStoppedBy("c1");
  }

  @Test
  void narrowOperandWithUpperHalf() {
    // The table takes upper halves of 0 only, so another value is another tuple.
    new Attack(new Assembler().constant(1, 1L << 32).rk(ADD32, 1, 1, 6).none(HALT, 0, 0, 0).run())
        .at("alu", 0)
        .set("aHi", 0)
        .isStoppedOnlyBy("bus MEMORY");
  }

  @Test
  void narrowResultOfBits() {
    operation(XOR, 5, 6).at("bitR", 0).set("cLo", 2).isStoppedBy("result");
    // As if it were an AND, or none of the three.
    operation(XOR, 5, 6)
        .at("bitR", 0)
        .set("and", 1)
        .set("cLo", 4)
        .isStoppedOnlyBy("fetch", "bus MEMORY");
    operation(XOR, 5, 6)
        .at("bitR", 0)
        .set("and", 1)
        .set("or", 1)
        .set("cLo", 8)
        .isStoppedBy("fetch");
    // 6 without the bits of 5 is 2.
    operation(AND_NOT, 6, 5).at("bitR", 0).set("cLo", 3).isStoppedBy("result");
    operation(XOR, 6, 5)
        .at("bitR", 0)
        .set("andNot", 1)
        .set("cLo", 2)
        .isStoppedOnlyBy("fetch", "bus MEMORY");
  }

  @Test
  void productWithAConstantSplitElsewhere() {
    Attack attack =
        new Attack(
            new Assembler()
                .constant(1, 0x80000000L)
                .rk(MULHU32, 3, 1, 4)
                .none(HALT, 0, 0, 0)
                .run());
    attack
        .at("mulK", 0)
        .shift("low1", 1 << 16)
        .shift("high0", -1)
        .shift("cLo", -1)
        .isStoppedBy("low1");
  }

  @Test
  void byteOfAnotherPlace() {
    // Memory holds 00 .. 07 from byte 8; the byte at 8 + 3 is loaded.
    Attack attack =
        new Attack(
            new Assembler()
                .pages(1)
                .image(Space.MEMORY, 1, 0x0706050403020100L)
                .constant(1, 8)
                .memory(LOAD8, 2, 1, 3)
                .none(HALT, 0, 0, 0)
                .run());
    attack.at("byte", 0).set("value", 2).isStoppedBy("a load leaves the byte");
    attack.set("oldByte", 2).isStoppedBy("byte of the limb");
    attack.set("upperByte", 0).isStoppedBy("address");
    attack.set("word", Fr.of(9).mul(inverse(8))).isStoppedOnlyBy("bus MEMORY");
  }

  @Test
  void limbsOfTheHalfElsewhere() {
    Attack attack =
        new Attack(
            new Assembler()
                .pages(1)
                .image(Space.MEMORY, 1, 0x0706050403020100L)
                .constant(1, 8)
                .memory(LOAD8, 2, 1, 0)
                .none(HALT, 0, 0, 0)
                .run());
    attack
        .at("byte", 0)
        .shift("limbByte0", 1 << 8)
        .shift("limbByte1", -1)
        .set("oldByte", 1 << 8)
        .set("value", 1 << 8)
        .isStoppedOnlyBy("limb bytes", "bus MEMORY");
    attack.set("limbByte1", 1).set("otherLimb", Fr.of(0x0302).sub(inverse(1 << 8)));
    attack.isStoppedBy("other limb");
  }

  @Test
  void restOfAStoredByte() {
    Attack attack =
        new Attack(
            new Assembler()
                .pages(1)
                .constant(1, 8)
                .constant(2, 0x0201)
                .memory(STORE8, 2, 1, 0)
                .none(HALT, 0, 0, 0)
                .run());
    // 2 instead of 1, borrowed from above.
    attack
        .at("byte", 0)
        .set("value", 2)
        .set("newLo", 2)
        .set("restByte", Fr.of(2).sub(inverse(256)))
        .isStoppedOnlyBy("stored bytes", "bus MEMORY");
  }

  // ---- free multiplicity or flag

  @Test
  void multiplicitiesOfARow() {
    for (long multiplicity : new long[] {2, -1}) {
      new Attack(Programs.fibonacci(3))
          .at("alu", 0)
          .set("active", multiplicity)
          .isStoppedBy("active is boolean");
    }
  }

  /** The row whose cells are these nibbles. */
  private static Attack usedBytes(int word) {
    return operation(XOR, 0x0f1e2d3c4b5a6978L, 0x8796a5b4c3d2e1f0L)
        .find(
            "usedBytes",
            row -> {
              Fr asked = row.get("andMultiplicity").add(row.get("range16Multiplicity"));
              Fr found = Fr.ZERO;
              for (String nibble : List.of("xHigh", "xLow", "yHigh", "yLow")) {
                found = found.mul(Fr.of(16)).add(row.get(nibble));
              }
              return !asked.isZero() && found.equals(Fr.of(word));
            });
  }

  // ---- provided pairs of bytes that are none

  /** Each provides the same number as before, which is a range check of 16 bits. */
  @Test
  void nibblesOutOfRangeThatMakeTheSameWord() {
    // 0x78 and 0xf0 are the last bytes of the operands.
    usedBytes(0x78f0).shift("xHigh", 1).shift("xLow", -16).isStoppedBy("low nibbles");
    usedBytes(0x78f0).shift("yHigh", -1).shift("yLow", 16).isStoppedBy("low nibbles");
    usedBytes(0x78f0).shift("xHigh", -1).shift("yHigh", 256).isStoppedBy("high nibbles");
    usedBytes(0x78f0).shift("xLow", 1).shift("yLow", -256).isStoppedBy("low nibbles");
    usedBytes(0x78f0)
        .set("xHigh", 0)
        .set("xLow", 0)
        .set("yHigh", 0)
        .set("yLow", 0x78f0)
        .isStoppedBy("low nibbles");
  }

  @Test
  void anotherConjunctionProvided() {
    usedBytes(0x78f0).shift("bothLow", 1).isStoppedBy("low nibbles");
    usedBytes(0x78f0).shift("bothHigh", 1).isStoppedBy("high nibbles");
    usedBytes(0x78f0).shift("bothHigh", 1).shift("bothLow", -16).isStoppedBy("low nibbles");
  }

  @Test
  void anotherSignProvided() {
    usedBytes(0x78f0).set("sign", 1).isStoppedBy("high nibbles");
    usedBytes(0x78f0).set("sign", 2).isStoppedBy("high nibbles");
    // Bit 3 of the nibble is the sign only below 16.
    usedBytes(0x78f0).shift("xHigh", 16).set("sign", 1).isStoppedBy("high nibbles");
  }

  /**
   * Padding rows may provide: so they too must hold nothing but nibbles. The attack on its own
   * balances, an odd word asked for and provided, and nothing but the nibbles objects.
   */
  @Test
  void wordOutOfRangeProvidedByAPaddingRow() {
    Attack attack = operation(ADD64, 5, 6);
    attack.at("usedBytes", 0);
    int padding = attack.height() - 1;
    attack.at("usedBytes", padding);
    assertTrue(attack.get("range16Multiplicity").isZero());
    attack.set("yLow", TWO_16).isStoppedOnlyBy("low nibbles");
    attack.set("yLow", Fr.of(5).negate()).isStoppedOnlyBy("low nibbles");
    attack.set("yLow", 0).set("xHigh", TWO_16).isStoppedOnlyBy("high nibbles");
    attack.set("xHigh", 0).set("sign", 1).isStoppedOnlyBy("high nibbles");
    attack.set("sign", 0).set("bothHigh", 1).isStoppedOnlyBy("high nibbles");
    attack.set("bothHigh", 0).set("bothLow", 1).isStoppedOnlyBy("low nibbles");
  }

  @Test
  void accessOnAPaddingRow() {
    // Row 15 is padding: a read of a cell that nobody notices, with both tuples equal, would still
    // need time to pass.
    new Attack(Programs.fibonacci(3))
        .at("alu", 15)
        .set("bReg", 1)
        .set("bPrevious", 1)
        .isStoppedBy("flags only if active");
  }

  // ---- operand aliasing

  @Test
  void oneRegisterReadTwiceWithTwoValues() {
    new Attack(new Assembler().constant(1, 5).rr(ADD64, 3, 1, 1).none(HALT, 0, 0, 0).run())
        .at("alu", 0)
        .set("bLo", 6)
        .set("c0", 11)
        .isStoppedBy("bus MEMORY");
  }

  // ---- division

  @Test
  void quotientOneLess() {
    operation(DIVU, 17, 5)
        .at("div", 0)
        .set("quotient0", 2)
        .set("rest0", 7)
        .set("cLo", 2)
        .limbs("margin", 3, Fr.of(-3).mul(inverse(1 << 16)))
        .isStoppedBy("rest is less than B, limb 3");
  }

  @Test
  void quotientInTheField() {
    // 17 = q 5 + 1 mod r.
    operation(REMU, 17, 5)
        .at("div", 0)
        .set("rest0", 1)
        .set("cLo", 1)
        .set("margin0", 0)
        .limbs("quotient", 4, Fr.of(16).mul(inverse(5)))
        .isStoppedBy("quotient3");
  }

  @Test
  void divisionByZero() {
    operation(DIVU, 17, 5)
        .at("div", 0)
        .set("bLo", 0)
        .set("quotient0", 9)
        .set("rest0", 17)
        .set("cLo", 9)
        .limbs("margin", 3, Fr.of(-18).mul(inverse(1 << 16)))
        .isStoppedBy("rest is less than B, limb 3");
  }

  // ---- products and shifts

  @Test
  void productSplitElsewhere() {
    // One less above, 2^64 more below.
    operation(MULHU64, -1, 16)
        .at("mul", 0)
        .shift("low3", 1 << 16)
        .shift("high0", -1)
        .shift("cLo", -1)
        .isStoppedBy("low3");
  }

  @Test
  void narrowProductSplitElsewhere() {
    operation(MUL32, 0xffffffffL, 16)
        .at("mul", 0)
        .set("low2", 1)
        .shift("high0", -1)
        .set("cHi", 1)
        .isStoppedBy("32 bits: limb 2 of the low part is 0");
  }

  @Test
  void shiftByAnotherAmount() {
    // 3 = 3 + 256 - 256: the lookup takes the low byte only.
    operation(SHL64, 1, 3)
        .at("mul", 0)
        .set("amount", 4)
        .set("above0", inverse(256).negate())
        .set("factor", 16)
        .set("low0", 16)
        .set("cLo", 16)
        .isStoppedBy("above0");
  }

  @Test
  void shiftByTheOtherDirectionsFactor() {
    operation(SHL64, 1, 3).at("mul", 0).set("factor", 1L << 60).isStoppedBy("power of two");
  }

  // ---- comparison

  @Test
  void equalSaidToDiffer() {
    for (long borrow = 0; borrow < 2; borrow++) {
      overWide(SET_EQ, 7, 7)
          .at("cmp", 0)
          .set("same", 0)
          .set("outcome", 0)
          .set("borrow", borrow)
          // x = 2^64 borrow + borrow - 1
          .limbs("x", 4, Fr.ofUnsigned(-1L).add(Fr.of(2)).mul(Fr.of(borrow)).sub(Fr.of(1 - borrow)))
          .isStoppedBy("x3");
    }
  }

  @Test
  void differentSaidToBeEqual() {
    overWide(SET_EQ, 7, 8)
        .at("cmp", 0)
        .set("same", 1)
        .set("outcome", 1)
        .set("borrow", 1)
        .isStoppedBy("same claims a = B");
  }

  @Test
  void lessSaidNotToBe() {
    overWide(SET_LTU, 7, 8)
        .at("cmp", 0)
        .set("borrow", 0)
        .set("outcome", 0)
        .limbs("x", 4, Fr.of(-1))
        .isStoppedBy("x3");
  }

  @Test
  void signDenied() {
    overWide(SET_LTS32, 0xffffffffL, 1)
        .at("cmp", 0)
        .set("aSign", 0)
        .set("borrow", 0)
        .set("outcome", 0)
        .set("result", 0)
        .limbs("x", 4, Fr.of(0xfffffffeL))
        .isStoppedOnlyBy("a: sign", "bus MEMORY");
  }

  @Test
  void signOfAnotherLimb() {
    // -1 = 0xffffffff as 65535 + 2^16 65535, or as a limb with sign 0 and a large one below.
    overWide(SET_LTS32, 0xffffffffL, 1)
        .at("cmp", 0)
        .set("aSign", 0)
        .set("aSignHigh", 0)
        .set("aSignLow", 0xffffffffL)
        .set("borrow", 0)
        .set("outcome", 0)
        .set("result", 0)
        .limbs("x", 4, Fr.of(0xfffffffeL))
        .isStoppedOnlyBy("a: low limb of the sign's word", "bus MEMORY");
  }

  @Test
  void signsOfAnUnsignedComparison() {
    overWide(SET_LTU, 7, 8).at("cmp", 0).set("bSign", 1).isStoppedBy("b: no sign if unsigned");
  }

  @Test
  void anotherSumCompared() {
    Attack attack = wideSumOf(BR_KEEP_NE, 5, 0xffffffffL, 4);
    attack
        .at("cmp", 0)
        .set("carry", 0)
        .shift("aLo", 1L << 32)
        .shift("result", 1L << 32)
        .shift("aSignHigh", 1 << 16)
        .isStoppedBy("a: sign");
    wideSumOf(SET_SUM_EQ, 5, 1, 6).at("cmp", 0).set("cut", 0).isStoppedBy("cut if signed or a sum");
    // The top bit of an unsigned sum is no sign.
    wideSumOf(SET_SUM_LTU, 0x80000000L, 1, 6)
        .at("cmp", 0)
        .set("signed", 1)
        .set("bSignLow", 6)
        .set("borrow", 1)
        .set("outcome", 1)
        .set("result", 1)
        .limbs("x", 4, Fr.ofUnsigned(0xffffffff80000001L - 6))
        .isStoppedOnlyBy("fetch", "bus MEMORY");
    wideSumOf(SET_SUM_EQ, 5, 1, 6).at("cmp", 0).set("carry", 1).isStoppedBy("sum: low");
    wideSumOf(SET_SUM_EQ, 5, 1, 6).at("cmp", 0).set("aHi", 1).isStoppedBy("sum: high");
    // 5 + 1 as 7, and as 2^32 + 6, each with all that follows from it.
    wideSumOf(SET_SUM_EQ, 5, 1, 6)
        .at("cmp", 0)
        .set("aLo", 7)
        .set("aSignLow", 7)
        .set("same", 0)
        .set("outcome", 0)
        .set("result", 0)
        .isStoppedOnlyBy("sum: low", "bus MEMORY");
    wideSumOf(SET_SUM_EQ, 5, 1, 6)
        .at("cmp", 0)
        .set("aHi", 1)
        .set("same", 0)
        .set("outcome", 0)
        .set("result", 0)
        .limbs("x", 4, Fr.of((1L << 32) - 1))
        .isStoppedOnlyBy("sum: high", "bus MEMORY");
    overWide(SET_EQ, 7, 7).at("cmp", 0).set("carry", 1).isStoppedBy("carry only if active");
    overWide(SET_EQ, 7, 7).at("cmp", 0).set("baseLo", 8).isStoppedBy("operand a: low");
  }

  @Test
  void narrowSumKept() {
    Attack attack = sumOf(BR_KEEP_NE, 5, 0xffffffffL, 4).at("brSumK", 0);
    // The sum without its carry, or with the limb that goes with it.
    attack.set("carry", 0).isStoppedBy("sum, low limb");
    attack.shift("sum1", 1 << 16).isStoppedBy("sum, high limb");
    sumOf(BR_KEEP_NE, 5, 1, 4).at("brSumK", 0).set("keep", 0).isStoppedBy("fetch");
    sumOf(BR_KEEP_NE, 5, 1, 4).at("brSumK", 0).shift("b", 1).isStoppedBy("fetch");
    sumOf(BR_KEEP_NE, 5, 1, 4).at("brSumK", 0).shift("aLo", 1).isStoppedBy("bus MEMORY");
    sumOf(BR_SUM_EQ, 5, 1, 6).at("brSumK", 0).set("keep", 1).isStoppedBy("fetch");
    sumOf(BR_SUM_EQ, 5, 1, 6)
        .at("brSumK", 0)
        .set("same", 0)
        .set("less", 1)
        .set("x1", 1 << 16)
        .isStoppedBy("difference, high limb");
    sumOf(BR_SUM_LTU, 5, 1, 7)
        .at("brSumK", 0)
        .set("same", 1)
        .set("less", 0)
        .isStoppedBy("same claims the sum = B");
  }

  @Test
  void emptyConjunctionWithAConstantDenied() {
    for (long k : new long[] {0x0f, 0x1f}) {
      Attack attack =
          new Attack(
              new Assembler().constant(1, 0xf0).rk(BR_AND_ZERO, 3, 1, k).none(HALT, 0, 0, 0).run());
      attack
          .at("brAnd", 0)
          .set("none", k == 0x0f ? 0 : 1)
          .isStoppedBy(k == 0x0f ? "some unless none" : "none claims 0");
    }
  }

  @Test
  void sumKeptElsewhere() {
    wideSumOf(BR_KEEP_NE, 5, 1, 4)
        .at("cmp", 0)
        .shift("target", 1)
        .isStoppedBy("where it is written");
    wideSumOf(BR_KEEP_NE, 5, 1, 4).at("cmp", 0).shift("result", 1).isStoppedBy("what is written");
    wideSumOf(BR_KEEP_NE, 5, 1, 4).at("cmp", 0).set("keep", 0).isStoppedBy("fetch");
  }

  @Test
  void anotherConstantPut() {
    wideSumOf(BR_PUT_NE, 5, 9, 4).at("cmp", 0).shift("result", 1).isStoppedBy("what is written");
    wideSumOf(BR_PUT_NE, 5, 9, 4)
        .at("cmp", 0)
        .shift("target", 1)
        .isStoppedBy("where it is written");
    wideSumOf(BR_PUT_NE, 5, 9, 4).at("cmp", 0).set("put", 0).isStoppedBy("fetch");
    // The constant compared with has 32 bits then.
    wideSumOf(BR_PUT_EQ, 5, 9, 5).at("cmp", 0).set("bHi", 9).isStoppedBy("B is the constant: high");
  }

  @Test
  void narrowComparisonOtherwise() {
    // -1 < 1, as if -1 were no less, equal, or both.
    for (int claim : new int[] {0, 1, 3}) {
      Attack attack = operation(SET_LTS32, 0xffffffffL, 1).at("cmp32", 0);
      attack.set("less", claim >> 1).set("same", claim & 1);
      if (claim == 0) {
        // x = -2 - 1
        attack.set("outcome", 0).set("result", 0).limbs("x", 2, Fr.of(-3));
      }
      attack.isStoppedBy(claim == 0 ? "x1" : "same claims a = B");
    }
    for (int less = 0; less < 2; less++) {
      operation(SET_EQ, 7, 7)
          .at("cmp32", 0)
          .set("same", 0)
          .set("less", less)
          .set("outcome", 0)
          .set("result", 0)
          // x = 2^32 less - 1 + less
          .limbs("x", 2, Fr.of(less * ((1L << 32) + 1) - 1))
          .isStoppedBy("x1");
    }
    // 1 < 2 unsigned, as if it were more: x = -1 - 1.
    operation(SET_LTU, 1, 2)
        .at("cmp32", 0)
        .set("less", 0)
        .set("outcome", 0)
        .set("result", 0)
        .limbs("x", 2, Fr.of(-2))
        .isStoppedBy("x1");
  }

  @Test
  void narrowSignDenied() {
    // -1 < 1 is not so if -1 is 2^32 - 1: x = 2^32 - 2 - 1.
    for (boolean wholeLimb : new boolean[] {true, false}) {
      Attack attack = operation(SET_LTS32, 0xffffffffL, 1).at("cmp32", 0);
      attack
          .set("aSign", 0)
          .set("less", 0)
          .set("outcome", 0)
          .set("result", 0)
          .limbs("x", 2, Fr.of(0xfffffffdL));
      if (wholeLimb) {
        attack.isStoppedBy("a: sign");
      } else {
        attack.set("aHigh", 0).isStoppedBy("a: low limb");
      }
    }
    operation(SET_LTS32, 1, 0xffffffffL).at("cmp32", 0).set("bSign", 0).isStoppedBy("b: sign");
    operation(SET_LTU, 1, 2).at("cmp32", 0).set("signed", 1).isStoppedBy("fetch");
  }

  @Test
  void narrowComparisonOfOthers() {
    Attack attack = sumOf(SET_SUM_EQ, 5, 0xffffffffL, 4).at("cmp32", 0);
    // The sum without its carry.
    attack.set("carry", 0).shift("aLo", 1L << 32).isStoppedBy("a: low limb");
    attack.shift("aHigh", 1 << 16).isStoppedBy("a: sign");
    sumOf(SET_SUM_EQ, 5, 1, 6).at("cmp32", 0).shift("aLo", 1).isStoppedBy("operand a");
    sumOf(SET_SUM_EQ, 5, 1, 6).at("cmp32", 0).set("add", 0).isStoppedBy("fetch");
    operation(SET_EQ, 7, 7).at("cmp32", 0).set("carry", 1).isStoppedBy("carry only if active");
    // A constant of more than 32 bits is no operand of these rows.
    attack =
        new Attack(new Assembler().constant(1, 7).rk(SET_EQ, 3, 1, 7).none(HALT, 0, 0, 0).run());
    attack.at("cmp32", 0).set("kHi", 1).isStoppedBy("no upper half of the constant");
    attack.shift("bLo", 1).isStoppedBy("operand b is the constant");
    operation(SET_EQ, 7, 7).at("cmp32", 0).shift("bLo", 1).isStoppedBy("bus MEMORY");
  }

  @Test
  void narrowComparisonWritesElse() {
    operation(SET_NE, 7, 8).at("cmp32", 0).set("outcome", 0).isStoppedBy("outcome");
    operation(SET_NE, 7, 8).at("cmp32", 0).set("result", 0).isStoppedBy("what is written");
    operation(SET_NE, 7, 8).at("cmp32", 0).set("target", 4).isStoppedBy("where it is written");
    operation(SET_NE, 7, 8).at("cmp32", 0).set("branch", 1).isStoppedBy("fetch");
    for (Opcode op : List.of(BR_KEEP_LTS32, BR_PUT_LTS32)) {
      sumOf(op, 5, 1, 9).at("cmp32", 0).shift("result", 1).isStoppedBy("what is written");
      sumOf(op, 5, 1, 9).at("cmp32", 0).shift("target", 1).isStoppedBy("where it is written");
      sumOf(op, 5, 1, 9).at("cmp32", 0).shift("nextPc", 1).isStoppedBy("next pc");
      sumOf(op, 5, 1, 9).at("cmp32", 0).set("keep", 0).set("put", 0).isStoppedBy("fetch");
    }
  }

  /** The same as {@link #operation} where register 3 holds 64 bits before: for the wide tables. */
  private static Attack overWide(Opcode op, long a, long b) {
    return new Attack(
        new Assembler()
            .constant(1, a)
            .constant(2, b)
            .constant(3, 1L << 32)
            .rr(op, 3, 1, 2)
            .none(HALT, 0, 0, 0)
            .run());
  }

  /** The same as {@link #sumOf} where slot 3 holds 64 bits before: for the wide table. */
  private static Attack wideSumOf(Opcode op, long a, long addend, long k) {
    int d = op.name().startsWith("BR_") ? 4 : 3;
    return new Attack(
        new Assembler()
            .constant(3, 1L << 32)
            .constant(1, a)
            .add(new Instruction(op, d, 1, 3, addend << 32 | k, true, false))
            .none(HALT, 0, 0, 0)
            .run());
  }

  /** {@code op(r1 + addend, k)}, kept in slot 3 if it is kept; branches go to the next row. */
  private static Attack sumOf(Opcode op, long a, long addend, long k) {
    return new Attack(
        new Assembler()
            .constant(1, a)
            .add(new Instruction(op, 3, 1, 3, addend << 32 | k, true, false))
            .none(HALT, 0, 0, 0)
            .run());
  }

  @Test
  void emptyConjunctionDenied() {
    for (Opcode op : List.of(BR_AND_ZERO, BR_AND_NONZERO)) {
      Attack attack = branchOn(op, 0xf0, 0x0f);
      attack
          .at("bit", 0)
          .set("none", 0)
          .set("nextPc", op == BR_AND_ZERO ? 4 : 3)
          .isStoppedBy("some unless none");
      attack = branchOn(op, 0xf0, 0x1f);
      attack
          .at("bit", 0)
          .set("none", 1)
          .set("nextPc", op == BR_AND_ZERO ? 3 : 4)
          .isStoppedBy("none claims 0");
    }
  }

  private static Attack branchOn(Opcode op, long a, long b) {
    return new Attack(
        new Assembler()
            .constant(1, a)
            .constant(2, b)
            .branch(op, 1, 2, "end")
            .constant(4, 1)
            .label("end")
            .none(HALT, 0, 0, 0)
            .run());
  }

  @Test
  void productWithAnotherSummand() {
    Attack attack =
        new Attack(
            new Assembler()
                .constant(1, 5)
                .add(new Instruction(MULADD64, 3, 1, 0, 7L << 32 | 6, true, false))
                .none(HALT, 0, 0, 0)
                .run());
    attack.at("mul", 0).shift("low0", 1).shift("cLo", 1).isStoppedBy("product");
    attack.shift("bHi", 1).isStoppedBy("B is the constant: high");
    attack =
        new Attack(
            new Assembler()
                .constant(1, 5)
                .add(new Instruction(MULADD32, 3, 1, 0, 7L << 32 | 6, true, false))
                .none(HALT, 0, 0, 0)
                .run());
    attack.at("mulK", 0).shift("low0", 1).shift("cLo", 1).isStoppedBy("product");
    attack.shift("kHi", 1).isStoppedBy("fetch");
    // A summand where there is none, and none where there is one.
    new Attack(new Assembler().constant(1, 5).rk(MUL32, 3, 1, 6).none(HALT, 0, 0, 0).run())
        .at("mulK", 0)
        .set("kHi", 1)
        .shift("low0", 1)
        .shift("cLo", 1)
        .isStoppedBy("no summand");
    new Attack(
            new Assembler()
                .constant(1, 5)
                .constant(2, 7)
                .add(new Instruction(MULADD64, 3, 1, 2, 6, true, true))
                .none(HALT, 0, 0, 0)
                .run())
        .at("mul", 0)
        .set("factor", 7)
        .set("low0", 42)
        .set("cLo", 42)
        .isStoppedBy("factor is the constant");
  }

  @Test
  void narrowBranchOtherwise() {
    // less, same and the upper limb of the difference, for 7 = 7 and 7 < 8.
    for (long b : new long[] {7, 8}) {
      for (int less = 0; less < 2; less++) {
        for (int same = 0; same < 2; same++) {
          if (less == (b == 8 ? 1 : 0) && same == (b == 7 ? 1 : 0)) {
            continue;
          }
          Fr difference =
              Fr.of(7 - b).add(Fr.of(less * ((1L << 32) + 1))).add(Fr.of(same)).sub(Fr.ONE);
          Attack attack =
              new Attack(
                  new Assembler().constant(1, 7).rk(BR_LTU, 3, 1, b).none(HALT, 0, 0, 0).run());
          attack.at("brK", 0).set("less", less).set("same", same);
          boolean claimed = same == 1 && b == 8;
          attack
              .set(
                  "x1",
                  difference
                      .sub(Fr.of(difference.toBigInteger().intValue() & 0xffff))
                      .mul(inverse(1 << 16)))
              .isStoppedBy(claimed ? "same claims a = B" : "difference, high limb");
        }
      }
    }
  }

  // ---- addresses

  @Test
  void addressSplitElsewhere() {
    // 8 = 8 word + 4 has a solution mod r.
    new Attack(new Assembler().pages(1).memoryAt(LOAD32, 1, 8).none(HALT, 0, 0, 0).run())
        .at("mem", 0)
        .set("upper", 1)
        .set("word", inverse(2))
        // There is no such cell.
        .isStoppedOnlyBy("bus MEMORY");
    grown().at("memG", 0).set("upper", 1).set("word", inverse(2)).isStoppedBy("bus MEMORY");
  }

  /** A load of 4 bytes at 65536 from memory that has grown by one page from one. */
  private static Attack grown() {
    return new Attack(
        new Assembler()
            .pages(1)
            .constant(1, 1)
            .a(MEMORY_GROW, 2, 1, 2)
            .memoryAt(LOAD32, 1, 65536)
            .memoryAt(LOAD8, 1, 65536)
            .none(HALT, 0, 0, 0)
            .run());
  }

  @Test
  void wordOfTheOtherSpace() {
    // A second cell for the word 1024, as if it had been there from the start.
    grown().at("memB", 0).set("grown0", 0).isStoppedBy("bus MEMORY");
    Attack attack = grown().at("boundary", 0);
    int row = 0;
    while (!attack.at("boundary", row).get("address").equals(Fr.of(8192))) {
      row++;
    }
    // Its key lies within no gap: in neither of the two around it.
    attack.at("boundary", row).set("space", Space.MEMORY.code());
    for (long[] gap :
        new long[][] {{0, Space.MEMORY.key(8192)}, {Space.RETURN.key(0) - 1, Space.GROWN.key(0)}}) {
      Fr key = Fr.of(Space.MEMORY.key(8192));
      attack
          .set("low", gap[0])
          .set("high", gap[1])
          .limbs("above", 3, key.sub(Fr.of(gap[0])).sub(Fr.ONE))
          .limbs("below", 3, Fr.of(gap[1]).sub(key).sub(Fr.ONE))
          .isStoppedBy(gap[0] == 0 ? "below2" : "above2");
    }
    attack.set("low", 0).set("high", Space.GROWN.key(0)).isStoppedBy("gap");
  }

  @Test
  void addressSplitElsewhereByBytes() {
    new Attack(new Assembler().pages(1).memoryAt(LOAD8, 1, 8).none(HALT, 0, 0, 0).run())
        .at("memB", 0)
        .set("offset1", 1)
        .set("word", Fr.of(7).mul(inverse(8)))
        .isStoppedBy("bus MEMORY");
  }

  @Test
  void accessBeyondTheMemory() {
    new Attack(Programs.outOfBounds())
        .at("exit", 0)
        .set("outOfBounds", 0)
        .isStoppedBy("one way to end");
    // The access as if it were in bounds.
    grown()
        .at("memG", 0)
        .set("word", 2 * 8192)
        .set("kLo", 2 * 65536)
        .set("page", 2)
        .isStoppedBy("page of the memory");
    new Attack(new Assembler().pages(1).memoryAt(LOAD64, 1, 65528).none(HALT, 0, 0, 0).run())
        .at("mem", 0)
        .shift("word", 1)
        .shift("kLo", 8)
        .isStoppedOnlyBy("fetch", "bus MEMORY");
    new Attack(new Assembler().pages(1).memoryAt(LOAD64, 1, 65527).none(HALT, 0, 0, 0).run())
        .at("memX", 0)
        .shift("word", 1)
        .shift("kLo", 8)
        .set("room", Fr.of(-1).mul(inverse(1 << 16)))
        .isStoppedBy("room, high limb");
  }

  @Test
  void addressThatWrapsWithoutNeed() {
    // 2^29 words less.
    Attack attack = wrappingLoad(LOAD64_WRAP, 65536, 8).at("memG", 0);
    attack.set("carry", 1).shift("word", -(1 << 29)).set("page", 1 - (1 << 16)).isStoppedBy("page");
    attack.set("page", 0).isStoppedBy("place in the page");
    attack = wrappingLoad(LOAD64_WRAP, 0, 8).at("mem", 0);
    attack.set("carry", 1).shift("word", -(1 << 29)).isStoppedOnlyBy("bus MEMORY");
    // Nor can there be such a word: its key, a global's otherwise, lies within no gap.
    int row = 0;
    while (!attack.at("boundary", row).get("space").equals(Fr.of(Space.MEMORY.code()))) {
      row++;
    }
    Fr key = Fr.of(Space.MEMORY.key(1 - (1 << 29)));
    attack
        .at("boundary", row)
        .shift("address", -(1 << 29))
        .set("low", Space.MEMORY.key(-1))
        .limbs("above", 3, key.sub(Fr.of(Space.MEMORY.key(-1))).sub(Fr.ONE))
        .isStoppedBy("above2");
    attack
        .set("low", 0)
        .set("high", Space.MEMORY.key(-(1 << 29)))
        .limbs("below", 3, Fr.of(Space.MEMORY.key(-(1 << 29))).sub(key).sub(Fr.ONE))
        .isStoppedBy("below2");
    attack.set("high", Space.MEMORY.key(8192)).isStoppedBy("gap");
    // The last word before 0, of which an access over two words begins.
    wrappingLoad(LOAD64_WRAP, 0xffffffffL, 6)
        .at("memX", 0)
        .set("base", 0)
        .set("carry", 0)
        .set("kLo", 0xfffffffdL)
        .set("carry", 1)
        .set("word", -1)
        .set("page", -1)
        .isStoppedBy("page");
  }

  @Test
  void baseWithoutRegister() {
    for (String table : new String[] {"mem", "memG", "memB", "memX"}) {
      Opcode op = table.equals("memB") ? LOAD8 : LOAD32;
      int address = table.equals("memX") ? 6 : 8;
      Attack attack =
          table.equals("memG")
              ? grown()
              : new Attack(
                  new Assembler().pages(1).memoryAt(op, 1, address).none(HALT, 0, 0, 0).run());
      attack
          .at(table, 0)
          .set("base", 8)
          .shift("word", 1)
          .isStoppedOnlyBy("bus MEMORY", "no base without register a");
    }
  }

  /** One page beyond the memory, as if the address wrapped to a page below 0. */
  @Test
  void pageBelowZero() {
    for (Opcode op : List.of(LOAD64_WRAP, LOAD8_WRAP)) {
      new Attack(
              new Assembler()
                  .constant(1, 1)
                  .a(MEMORY_GROW, 2, 1, 2)
                  .constant(1, 0)
                  .memory(op, 2, 1, 8)
                  .none(HALT, 0, 0, 0)
                  .run())
          .at(op == LOAD64_WRAP ? "memG" : "memB", 0)
          .set("base", 65536)
          .set("carry", 1)
          .set("word", 8193 - (1 << 29))
          .set("page", 1 - (1 << 16))
          .isStoppedOnlyBy("bus MEMORY", "page");
    }
  }

  @Test
  void pageBeyondTheMemory() {
    for (Opcode op : List.of(LOAD64, LOAD8)) {
      Attack attack =
          new Attack(
              new Assembler()
                  .pages(1)
                  .constant(1, 1)
                  .a(MEMORY_GROW, 2, 1, 2)
                  .constant(1, 65536)
                  .memory(op, 2, 1, 0)
                  .none(HALT, 0, 0, 0)
                  .run());
      attack
          .at(op == LOAD64 ? "memG" : "memB", 0)
          .set("base", 2 * 65536)
          .set("word", 2 * 8192)
          .set("page", 2)
          .isStoppedOnlyBy("bus MEMORY", "page of the memory");
      attack.set("page", 1).isStoppedOnlyBy("bus MEMORY", "place in the page");
    }
  }

  @Test
  void bytesOfTheNextWord() {
    Attack attack =
        new Attack(
            new Assembler()
                .pages(1)
                .constant(1, 14)
                .memory(LOAD16, 2, 1, 0)
                .none(HALT, 0, 0, 0)
                .run());
    attack.at("memB", 0).set("base", 15).set("offset6", 0).set("offset7", 1);
    attack.isStoppedOnlyBy("bus MEMORY", "size2 stays in the word");
    attack =
        new Attack(
            new Assembler()
                .pages(1)
                .constant(1, 9)
                .memory(LOAD32, 2, 1, 0)
                .none(HALT, 0, 0, 0)
                .run());
    attack.at("memB", 0).set("base", 13).set("offset1", 0).set("offset5", 1);
    attack.isStoppedOnlyBy("bus MEMORY", "size4 stays in the word");
    attack.set("base", 9).set("offset1", 1).set("offset5", 0).set("size4", 0).set("size8", 1);
    attack.isStoppedOnlyBy("fetch", "size8 stays in the word");
  }

  @Test
  void anotherPairOfWords() {
    new Attack(new Assembler().pages(1).memoryAt(LOAD32, 1, 6).none(HALT, 0, 0, 0).run())
        .at("memX", 0)
        .shift("word", 1)
        .isStoppedOnlyBy("address", "bus MEMORY");
  }

  @Test
  void addressThatDoesNotWrapThough() {
    wrappingLoad(LOAD32_WRAP, 0xffffffffL, 65537)
        .at("memG", 0)
        .set("carry", 0)
        .shift("word", 1 << 29)
        .set("page", 1 + (1 << 16))
        .isStoppedBy("page");
    wrappingLoad(LOAD32_WRAP, 0xffffffffL, 9)
        .at("mem", 0)
        .set("carry", 0)
        .shift("word", 1 << 29)
        .isStoppedOnlyBy("bus MEMORY");
    // Without the flag no access wraps.
    new Attack(new Assembler().pages(1).memoryAt(LOAD32, 1, 8).none(HALT, 0, 0, 0).run())
        .at("mem", 0)
        .set("carry", 1)
        .isStoppedBy("carry only if active");
  }

  private static Attack wrappingLoad(Opcode op, long base, long k) {
    return new Attack(
        new Assembler()
            .pages(1)
            .constant(1, 1)
            .a(MEMORY_GROW, 2, 1, 2)
            .constant(1, base)
            .memory(op, 2, 1, k)
            .none(HALT, 0, 0, 0)
            .run());
  }

  @Test
  void trapOfAWrappedAccessInBounds() {
    // The address 0xffff0000 + 131071 is 65535 mod 2^32, where a byte could be accessed.
    Attack attack = new Attack(Programs.outOfBoundsWrapped(0xffff0000L, 131071)).at("exit", 0);
    attack
        .set("carry", 0)
        .shift("address", 1L << 32)
        .limbs("wrapped", 2, Fr.of((1L << 32) + 65535))
        .limbs("excess", 3, Fr.of((1L << 32) + 65535 + 1 - 65536))
        .isStoppedBy("an address that wraps, limb 1");
  }

  @Test
  void accessOfMoreBytesThanTheWordHas() {
    Attack attack =
        new Attack(new Assembler().pages(1).memoryAt(LOAD16, 1, 14).none(HALT, 0, 0, 0).run());
    attack
        .at("memB", 0)
        .set("offset6", 0)
        .set("offset7", 1)
        .set("kLo", 15)
        .isStoppedBy("size2 stays in the word");
  }

  @Test
  void trapOfAnAccessInBounds() {
    new Attack(Programs.outOfBounds())
        .at("exit", 0)
        .set("aLo", 100)
        .limbs("excess", 3, Fr.of(100 + 7 - 2 * 65536))
        .isStoppedBy("excess, limb 2");
  }

  @Test
  void trapOfACallWithStack() {
    new Attack(Programs.stackExhausted())
        .at("exit", 0)
        .set("fp", 0)
        .limbs("excess", 3, Fr.of(400_000 + 10 - 1 - (1 << 20)))
        .isStoppedBy("excess, limb 2");
  }

  @Test
  void callWithoutStack() {
    new Attack(Programs.fibonacci(3))
        .at("flow", 0)
        .set("fp", 1 << 20)
        .set("room", Fr.of(-8).mul(inverse(1 << 16)))
        .isStoppedBy("the frame fits the stack, high limb");
  }

  // ---- calls and returns

  @Test
  void returnToElsewhere() {
    Attack attack = new Attack(Programs.fibonacci(0));
    attack.at("flow", 0);
    int row = attack.get("return").isZero() ? 1 : 0;
    attack
        .at("flow", row)
        .set("oldLo", 4)
        .set("newLo", 4)
        .set("nextPc", 4)
        .isStoppedBy("bus MEMORY");
  }

  @Test
  void returnInfoWrittenByTheCall() {
    new Attack(Programs.fibonacci(3))
        .at("flow", 0)
        .set("newLo", 4)
        .isStoppedBy("a call puts the return pc");
  }

  @Test
  void resultOverReturnInfo() {
    // A register whose address makes its key that of return information: 4 * 2^32 = 2^32 + 3 *
    // 2^32.
    long address = Space.RETURN.key(8) - Space.REGISTER.key(0);
    Attack attack = new Attack(Programs.fibonacci(3));
    attack
        .find("move", a -> a.is("toGlobal", 0))
        .set("d", address)
        .set("target", address)
        .isStoppedBy("fetch");
    // Nor can both cells be opened: one key, one row.
    attack = new Attack(Programs.fibonacci(3)).find("boundary", a -> a.is("space", 4));
    attack.set("space", 1).shift("address", 3L << 32).isStoppedOnlyBy("bus MEMORY");
  }

  @Test
  void indexedJumpElsewhere() {
    Attack attack = new Attack(Programs.host()).find("flow", a -> a.is("jumpIndexed", 1));
    attack.shift("nextPc", 1).isStoppedBy("next pc");
    attack.shift("oldLo", 1).isStoppedBy("a read leaves the cell: low");
    attack.shift("newLo", 1).isStoppedOnlyBy("bus EXEC", "bus MEMORY");
  }

  @Test
  void callElsewhere() {
    Attack attack = new Attack(Programs.host()).find("flow", a -> a.is("call", 1));
    attack.shift("nextPc", 1).isStoppedBy("next pc");
    attack.shift("kLo", 1).isStoppedOnlyBy("bus EXEC", "fetch");
  }

  @Test
  void frameOfAnotherFunction() {
    Attack attack = new Attack(Programs.host()).find("flow", a -> a.is("return", 1));
    attack.shift("nextFp", 1).isStoppedBy("next fp");
    attack.shift("oldHi", -1).shift("newHi", -1).isStoppedOnlyBy("bus EXEC", "bus MEMORY");
  }

  // ---- growth

  @Test
  void growthBeyondTheLimit() {
    Attack attack =
        new Attack(
            new Assembler().constant(1, 5).a(MEMORY_GROW, 2, 1, 4).none(HALT, 0, 0, 0).run());
    attack
        .at("grow", 0)
        .set("granted", 1)
        .set("growth", 5)
        .set("result", 0)
        .limbs("gap", 2, Fr.of(-1))
        .isStoppedBy("limit, high limb");
  }

  @Test
  void growthRefusedWithoutNeed() {
    Attack attack =
        new Attack(
            new Assembler().constant(1, 4).a(MEMORY_GROW, 2, 1, 4).none(HALT, 0, 0, 0).run());
    attack
        .at("grow", 0)
        .set("granted", 0)
        .set("growth", 0)
        .set("result", 0xffffffffL)
        .limbs("gap", 2, Fr.of(-1))
        .isStoppedBy("limit, high limb");
  }

  // ---- cells

  @Test
  void anotherValueLoadedFromACell() {
    Attack attack = new Attack(Programs.cells()).at("cell", 0);
    attack
        .set("valueLo", attack.get("valueLo").add(Fr.ONE))
        .isStoppedBy("a load reads the cell: low");
  }

  @Test
  void anotherValueStoredToACell() {
    Attack attack = new Attack(Programs.cells()).at("cell", 2);
    attack.set("valueHi", 7).isStoppedBy("a store reads slot b: high");
  }

  @Test
  void cellAtAnotherIndex() {
    Attack attack = new Attack(Programs.cells()).at("cell", 0);
    attack.set("index", attack.get("index").add(Fr.ONE)).isStoppedBy("bus MEMORY");
  }

  // ---- boundary

  @Test
  void cellOpenedTwice() {
    // The row after the last repeats it.
    Attack attack = new Attack(Programs.fibonacci(3)).at("boundary", 0);
    int last = 0;
    while (!attack.at("boundary", last + 1).get("active").isZero()) {
      last++;
    }
    attack.at("boundary", last + 1).copyOf(last);
    attack.at("boundary", last).limbs("step", 3, Fr.of(-1)).isStoppedBy("step2");
  }

  @Test
  void imageCellOpenedByTheBoundary() {
    // Key of image word 4 between its neighbours: either distance is -1.
    Attack attack = new Attack(Programs.memory()).at("boundary", 0);
    attack.set("space", Space.MEMORY.code()).set("address", 4).set("low", Space.MEMORY.key(4));
    attack.set("high", Space.MEMORY.key(1000)).limbs("above", 3, Fr.of(-1)).isStoppedBy("above2");
  }

  @Test
  void lastValueOfACell() {
    // What is closed is what the last access put, at its time.
    for (String part : List.of("lo", "hi", "time")) {
      new Attack(Programs.fibonacci(3))
          .at("boundary", 0)
          .shift(part, 1)
          .isStoppedOnlyBy("bus MEMORY");
    }
    for (String part : List.of("finalLo", "finalHi", "time")) {
      new Attack(Programs.memory())
          .find("image", a -> a.is("opened", 1))
          .shift(part, 1)
          .isStoppedOnlyBy("bus MEMORY");
    }
  }

  @Test
  void cellOpenedMoreThanOnceByItsFlag() {
    for (long times : new long[] {2, -1}) {
      new Attack(Programs.fibonacci(3))
          .at("boundary", 0)
          .set("active", times)
          .isStoppedBy("active is boolean");
      new Attack(Programs.memory())
          .find("image", a -> a.is("opened", 1))
          .set("opened", times)
          .isStoppedBy("opened is boolean");
    }
  }

  @Test
  void cellBetweenZeroRowsOfTheImage() {
    Attack attack = new Attack(Programs.memory()).at("boundary", 0);
    attack
        .set("low", 0)
        .set("high", 0)
        .limbs("below", 3, attack.get("address").add(Fr.of(1L << 32)).negate().sub(Fr.ONE))
        .isStoppedBy("below2");
  }

  @Test
  void boundaryRowAfterAGap() {
    Attack attack = new Attack(Programs.fibonacci(3)).at("boundary", 15);
    attack.copyOf(0).isStoppedBy("active rows come first");
  }

  @Test
  void invalidImageRowOpened() {
    new Attack(Programs.memory())
        .at("image", 10)
        .set("opened", 1)
        .isStoppedBy("opened only if active");
  }

  // ---- padding rows and program binding

  @Test
  void zeroRowExecuted() {
    // Class and pc of a zero row of the program table would have to be 0.
    new Attack(Programs.fibonacci(3)).at("alu", 15).set("active", 1).isStoppedBy("fetch");
  }

  @Test
  void rowTurnedIntoPadding() {
    new Attack(Programs.fibonacci(3)).at("alu", 0).set("active", 0).isStoppedBy("bus EXEC");
    // With a flag, its accesses would still be made.
    new Attack(Programs.fibonacci(3))
        .at("flow", 0)
        .set("active", 0)
        .isStoppedBy("flags only if active");
  }

  @Test
  void rowExecutedTwice() {
    new Attack(Programs.fibonacci(3)).at("alu", 15).copyOf(0).isStoppedBy("bus EXEC");
  }

  @Test
  void anotherOperation() {
    operation(ADD64, 5, 6)
        .at("alu", 0)
        .set("sub", 1)
        .set("c0", 65535)
        .set("c1", 65535)
        .set("c2", 65535)
        .set("c3", 65535)
        .set("carryLo", 1)
        .set("carryHi", 1)
        .isStoppedOnlyBy("bus MEMORY", "fetch");
    operation(ADD32, 5, 6)
        .at("addR", 0)
        .set("sub", 1)
        .set("c0", 65535)
        .set("c1", 65535)
        .set("carry", 1)
        .isStoppedOnlyBy("bus MEMORY", "fetch");
  }

  /** Nothing but the fetch says which registers, limits and cells an instruction is about. */
  @Test
  void anotherField() {
    new Attack(
            new Assembler()
                .constant(1, 5)
                .constant(2, 6)
                .a(COPY, 3, 1, 0)
                .none(HALT, 0, 0, 0)
                .run())
        .at("copy", 0)
        .set("a", 2)
        .set("value", 6)
        .isStoppedOnlyBy("bus MEMORY", "fetch");
    new Attack(new Assembler().constant(1, 5).a(MEMORY_GROW, 2, 1, 4).none(HALT, 0, 0, 0).run())
        .at("grow", 0)
        .set("kLo", 5)
        .set("granted", 1)
        .set("growth", 5)
        .set("result", 0)
        .set("gap0", 0)
        .set("gap1", 0)
        .isStoppedOnlyBy("bus EXEC", "bus MEMORY", "fetch");
    new Attack(Programs.cells())
        .at("cell", 0)
        .shift("kLo", 1)
        .isStoppedOnlyBy("bus MEMORY", "fetch");
  }

  @Test
  void anotherTarget() {
    new Attack(Programs.fibonacci(3))
        .at("move", 0)
        .shift("target", 1)
        .isStoppedOnlyBy("bus MEMORY", "target address");
  }

  /**
   * A comparison with 2^32 + 7, in a row of the table for constants of 32 bits, where it is one
   * with 7.
   */
  @Test
  void comparisonWithHalfOfTheConstant() {
    Attack attack =
        new Attack(
            new Assembler()
                .constant(1, 7)
                .rk(SET_EQ, 3, 1, 7)
                .rk(SET_EQ, 4, 1, (1L << 32) + 7)
                .none(HALT, 0, 0, 0)
                .run());
    Fr time = attack.at("cmp32", 0).get("time");
    attack
        .at("cmp32", 1)
        .copyOf(0)
        .shift("pc", 1)
        .shift("nextPc", 1)
        .shift("time", 4)
        .set("d", 4)
        .set("target", 4)
        .set("kHi", 1)
        .set("aPrevious", time);
    attack.at("cmp", 0).clear();
    attack
        .find("boundary", a -> a.is("space", Space.REGISTER.code()) && a.is("address", 4))
        .set("lo", 1);
    attack.isStoppedOnlyBy("no upper half of the constant");
  }

  @Test
  void anotherConstant() {
    new Attack(Programs.fibonacci(3))
        .at("move", 0)
        .set("kLo", 1)
        .set("valueLo", 1)
        .isStoppedBy("fetch");
  }

  // ---- time

  @Test
  void valueFromTheFuture() {
    // A read at time t that takes the tuple of a later write.
    Attack attack = new Attack(Programs.fibonacci(3)).at("alu", 0);
    Fr time = attack.get("time");
    attack.set("aPrevious", time.add(Fr.of(12))).isStoppedBy("read a: earlier");
  }

  @Test
  void valueFromTheFutureByTouching() {
    // A touch that takes a cell back in time; its next access is content.
    Attack attack = new Attack(Programs.waiting()).at("touch", 0);
    attack
        .set("previous", attack.get("time").add(Fr.of(12)))
        .set("distance", Fr.of(-13).mul(inverse(1 << 16)))
        .isStoppedBy("earlier, high limb");
  }

  @Test
  void anotherValueByTouching() {
    Attack attack = new Attack(Programs.waiting()).at("touch", 0);
    attack.shift("lo", 1).isStoppedOnlyBy("bus MEMORY");
  }

  @Test
  void touchOnAPaddingRow() {
    new Attack(Programs.waiting())
        .at("touch", 15)
        .set("active", 1)
        .set("time", 1)
        .isStoppedBy("bus MEMORY");
    new Attack(Programs.waiting())
        .at("touch", 0)
        .set("active", -1)
        .isStoppedBy("active is boolean");
  }

  @Test
  void accessAfterTooLong() {
    // The touch is left out, and the access takes the old tuple itself.
    Attack attack = new Attack(Programs.waiting()).at("touch", 0).set("active", 0);
    Fr previous = attack.get("previous");
    attack.at("mem", 2).set("bPrevious", previous);
    attack.isStoppedBy("slot b: earlier");
  }

  // ---- inputs and outputs

  @Test
  void privateWordWithTwoValues() {
    new Attack(Programs.host()).at("private", 2).set("i", 1).isStoppedBy("counts");
    new Attack(Programs.host()).at("private", 0).set("i", 1).isStoppedBy("counts from 0");
  }

  @Test
  void longPrivateInput() {
    // Programs take the length for an i32.
    new Attack(Programs.host())
        .at("private", 0)
        .set("limb2", 1)
        .isStoppedBy("the length has 32 bits");
  }

  @Test
  void anotherPublicWord() {
    new Attack(Programs.host()).at("host", 2).set("newLo", 5).isStoppedBy("public word");
  }

  @Test
  void anotherOutputByte() {
    Attack attack = new Attack(Programs.host()).at("host", 0);
    int row = 0;
    while (attack.at("host", row).get("outputByte").isZero()) {
      row++;
    }
    attack.at("host", row).set("aLo", 'x').isStoppedBy("bus OUTPUT");
  }

  /** Where a return without a call leads: pc 0, whose zero rows of the program are no operation. */
  @Test
  void exitAtAZeroRow() {
    new Attack(Programs.fibonacci(3))
        .at("exit", 0)
        .set("halt", 0)
        .set("pc", 0)
        .isStoppedOnlyBy("bus EXEC", "one way to end");
  }

  /** Of the operation EXIT, 11 + 64, as HALT with the flag of a store: 11 + 32 + 32. */
  @Test
  void exitTakenForAReturn() {
    new Attack(Programs.exitCode())
        .at("exit", 0)
        .set("code", 0)
        .set("halt", 1)
        .set("store", 1)
        .set("aLo", 0)
        .set("exitCode", 0)
        .isStoppedOnlyBy("flags of an access only with one", "bus EXIT", "bus MEMORY");
  }

  @Test
  void anotherArgumentOrExit() {
    new Attack(Programs.fibonacci(3)).at("host", 0).set("newLo", 4).isStoppedBy("bus ARGUMENT");
    new Attack(Programs.exitCode())
        .at("exit", 0)
        .set("aLo", 1)
        .set("exitCode", 1)
        .isStoppedOnlyBy("bus EXIT", "bus MEMORY");
  }
}

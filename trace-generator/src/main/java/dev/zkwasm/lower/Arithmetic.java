package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.host.Label;
import dev.zkwasm.host.Routine;
import dev.zkwasm.host.Subroutine;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Lowers the numeric instructions. Widths are 32 or 64; constants of 32 bits are zero-extended. */
final class Arithmetic {
  private final Assembler assembler;
  private final Operands operands;
  private final Function<Routine, Subroutine> routines;

  Arithmetic(Assembler assembler, Operands operands, Function<Routine, Subroutine> routines) {
    this.assembler = assembler;
    this.operands = operands;
    this.routines = routines;
  }

  /** Lowers the instruction; false if it is no numeric one. */
  boolean lower(WasmOpcode op) {
    switch (op) {
      case I32_EQZ, I64_EQZ, REF_IS_NULL -> equalZero();
      case I32_EQ, I64_EQ -> compareEqual(Opcode.SET_EQ);
      case I32_NE, I64_NE -> compareEqual(Opcode.SET_NE);
      case I32_LT_S -> compare(Opcode.SET_LTS32, false, 0x7fffffffL);
      case I32_GE_S -> compare(Opcode.SET_GES32, false, 0x7fffffffL);
      case I32_GT_S -> compare(Opcode.SET_LTS32, true, 0x7fffffffL);
      case I32_LE_S -> compare(Opcode.SET_GES32, true, 0x7fffffffL);
      case I64_LT_S -> compare(Opcode.SET_LTS64, false, Long.MAX_VALUE);
      case I64_GE_S -> compare(Opcode.SET_GES64, false, Long.MAX_VALUE);
      case I64_GT_S -> compare(Opcode.SET_LTS64, true, Long.MAX_VALUE);
      case I64_LE_S -> compare(Opcode.SET_GES64, true, Long.MAX_VALUE);
      case I32_LT_U -> compare(Opcode.SET_LTU, false, 0xffffffffL);
      case I32_GE_U -> compare(Opcode.SET_GEU, false, 0xffffffffL);
      case I32_GT_U -> compare(Opcode.SET_LTU, true, 0xffffffffL);
      case I32_LE_U -> compare(Opcode.SET_GEU, true, 0xffffffffL);
      case I64_LT_U -> compare(Opcode.SET_LTU, false, -1L);
      case I64_GE_U -> compare(Opcode.SET_GEU, false, -1L);
      case I64_GT_U -> compare(Opcode.SET_LTU, true, -1L);
      case I64_LE_U -> compare(Opcode.SET_GEU, true, -1L);
      case I32_ADD -> add(false);
      case I64_ADD -> add(true);
      case I32_SUB -> subtract(false);
      case I64_SUB -> subtract(true);
      case I32_MUL -> multiply(false);
      case I64_MUL -> multiply(true);
      case I32_AND -> and(false);
      case I64_AND -> and(true);
      case I32_OR, I64_OR -> commutative(Opcode.OR);
      case I32_XOR -> xor(0xffffffffL);
      case I64_XOR -> xor(-1);
      case I32_SHL -> shift(Opcode.SHL32, Opcode.MUL32, 32, false);
      case I64_SHL -> shift(Opcode.SHL64, Opcode.MUL64, 64, false);
      case I32_SHR_U -> shift(Opcode.SHRU32, Opcode.MULHU32, 32, true);
      case I64_SHR_U -> shift(Opcode.SHRU64, Opcode.MULHU64, 64, true);
      case I32_ROTL -> shift(Opcode.ROTL32, Opcode.MULROT32, 32, false);
      case I64_ROTL -> shift(Opcode.ROTL64, Opcode.MULROT64, 64, false);
      case I32_ROTR -> shift(Opcode.ROTR32, Opcode.MULROT32, 32, true);
      case I64_ROTR -> shift(Opcode.ROTR64, Opcode.MULROT64, 64, true);
      case I32_SHR_S -> shiftSigned(32);
      case I64_SHR_S -> shiftSigned(64);
      case I32_DIV_U, I64_DIV_U -> divideUnsigned(Opcode.DIVU);
      case I32_REM_U, I64_REM_U -> divideUnsigned(Opcode.REMU);
      case I32_DIV_S -> divideSigned(32, Routine.I32_DIV_S);
      case I64_DIV_S -> divideSigned(64, Routine.I64_DIV_S);
      case I32_REM_S -> remainderSigned(Routine.I32_REM_S);
      case I64_REM_S -> remainderSigned(Routine.I64_REM_S);
      case I32_CLZ -> call(Routine.I32_CLZ);
      case I64_CLZ -> call(Routine.I64_CLZ);
      case I32_CTZ -> call(Routine.I32_CTZ);
      case I64_CTZ -> call(Routine.I64_CTZ);
      case I32_POPCNT -> call(Routine.I32_POPCNT);
      case I64_POPCNT -> call(Routine.I64_POPCNT);
      case I32_WRAP_I64 -> wrap();
      case I64_EXTEND_I32_U -> {}
      case I64_EXTEND_I32_S, I64_EXTEND32_S -> extend32();
      case I32_REINTERPRET_F32, I64_REINTERPRET_F64, F32_REINTERPRET_I32, F64_REINTERPRET_I64 -> {}
      case F32_ABS -> unary(Opcode.AND, 0x7fffffffL);
      case F64_ABS -> unary(Opcode.AND, Long.MAX_VALUE);
      case F32_NEG -> unary(Opcode.XOR, 0x80000000L);
      case F64_NEG -> unary(Opcode.XOR, Long.MIN_VALUE);
      case F32_COPYSIGN -> copySign(0x80000000L, 0x7fffffffL);
      case F64_COPYSIGN -> copySign(Long.MIN_VALUE, Long.MAX_VALUE);
      case I32_EXTEND8_S -> extend(false, 0x80);
      case I32_EXTEND16_S -> extend(false, 0x8000);
      case I64_EXTEND8_S -> extend(true, 0x80);
      case I64_EXTEND16_S -> extend(true, 0x8000);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Emits {@code top = op(a, B)}, where B is the constant or register found at position b. */
  private void define(Opcode op, int a, int b) {
    int left = operands.register(a);
    Instruction instruction =
        operands.isConstant(b)
            ? Instruction.ofConstant(op, operands.home(a), left, operands.constant(b))
            : Instruction.ofRegisters(op, operands.home(a), left, operands.register(b));
    push(instruction);
  }

  private void defineConstant(Opcode op, int a, long k) {
    push(Instruction.ofConstant(op, operands.home(operands.size()), operands.register(a), k));
  }

  private void push(Instruction instruction) {
    assembler.emit(instruction);
    operands.pushTemporary();
    operands.defined();
  }

  private void unary(Opcode op, long k) {
    defineConstant(op, operands.pop(), k);
  }

  /** Magnitude of the first operand, sign of the second. */
  private void copySign(long sign, long magnitude) {
    int b = operands.pop();
    int a = operands.pop();
    int t = operands.home(a);
    int u = operands.home(b);
    assembler.opConstant(Opcode.AND, t, operands.register(a), magnitude);
    assembler.opConstant(Opcode.AND, u, operands.register(b), sign);
    push(Instruction.ofRegisters(Opcode.OR, t, t, u));
  }

  /** Upper half of the unsigned product of two 64-bit values. */
  void multiplyHigh() {
    commutative(Opcode.MULHU64);
  }

  /** With the complement of a value: and not. */
  private void and(boolean wide) {
    int b = operands.pop();
    int a = operands.pop();
    if (isComplement(wide, b) && !operands.isConstant(a)) {
      andNot(a, b);
    } else if (isComplement(wide, a) && !operands.isConstant(b)) {
      andNot(b, a);
    } else if (operands.isConstant(a) && !operands.isConstant(b)) {
      defineSwapped(Opcode.AND, a, b);
    } else {
      define(Opcode.AND, a, b);
    }
  }

  private boolean isComplement(boolean wide, int position) {
    return operands.isAffine(position)
        && operands.affine(position).wide() == wide
        && operands.affine(position).isComplement();
  }

  private void andNot(int position, int complement) {
    int home = operands.home(operands.size());
    int register = operands.register(position);
    push(
        Instruction.ofRegisters(
            Opcode.AND_NOT, home, register, operands.affine(complement).base()));
  }

  /** With all bits: the complement, {@code -x - 1}. */
  private void xor(long allBits) {
    int b = operands.pop();
    int a = operands.pop();
    if (operands.isConstant(b) && operands.constant(b) == allBits && !operands.isConstant(a)) {
      pushAffine(allBits == -1, a, -1, -1);
    } else if (operands.isConstant(a)
        && operands.constant(a) == allBits
        && !operands.isConstant(b)) {
      pushAffine(allBits == -1, b, -1, -1);
    } else if (operands.isConstant(a) && !operands.isConstant(b)) {
      defineSwapped(Opcode.XOR, a, b);
    } else {
      define(Opcode.XOR, a, b);
    }
  }

  // Sums and products

  /**
   * The value of the width at a popped position as an affine one, less where it is found: null if
   * it would have to be moved for that.
   *
   * @param home slot of the result
   */
  private @Nullable Affine affine(boolean wide, int position, int home) {
    if (operands.isAffine(position) && operands.affine(position).wide() == wide) {
      Affine affine = operands.affine(position);
      return affine.base() == operands.home(position) && affine.base() != home ? null : affine;
    }
    if (operands.home(position) != home && operands.isOpen(position)) {
      operands.moveForGood(home, position);
      return Affine.of(wide, home);
    }
    int slot = operands.register(position);
    return slot == operands.home(position) && slot != home ? null : Affine.of(wide, slot);
  }

  /** The same; what would have to be moved takes part from where it is. */
  private Affine operand(boolean wide, int position) {
    return operands.isAffine(position) && operands.affine(position).wide() == wide
        ? operands.affine(position)
        : Affine.of(wide, operands.register(position));
  }

  /** Pushes {@code value * factor + addend}, the value being found at a popped position. */
  private void pushAffine(boolean wide, int position, long factor, long addend) {
    int home = operands.home(operands.size());
    Affine value = affine(wide, position, home);
    if (value != null) {
      operands.pushAffine(value.times(factor).plus(addend));
      return;
    }
    List<Instruction> instructions = operand(wide, position).times(factor).plus(addend).into(home);
    instructions.forEach(assembler::emit);
    operands.pushTemporary();
    operands.defined();
  }

  private void add(boolean wide) {
    int b = operands.pop();
    int a = operands.pop();
    if (operands.isConstant(a) && operands.isConstant(b)) {
      pushConstant(wide, operands.constant(a) + operands.constant(b));
    } else if (operands.isConstant(a)) {
      pushAffine(wide, b, 1, operands.constant(a));
    } else if (operands.isConstant(b)) {
      pushAffine(wide, a, 1, operands.constant(b));
    } else {
      addRegisters(wide, operand(wide, a), operand(wide, b));
    }
  }

  private void pushConstant(boolean wide, long value) {
    operands.pushConstant(wide ? value : value & 0xffffffffL);
  }

  /** A product takes part as such, a second one as a register; constants are left for later. */
  private void addRegisters(boolean wide, Affine x, Affine y) {
    int home = operands.home(operands.size());
    long addend = x.addend() + y.addend();
    if (x.factor() != 1 && y.factor() != 1) {
      x.product().into(home).forEach(assembler::emit);
      assembler.emit(y.productPlus(home, home));
    } else if (x.factor() != 1) {
      assembler.emit(x.productPlus(home, y.base()));
    } else {
      assembler.emit(
          y.factor() != 1 ? y.productPlus(home, x.base()) : x.productPlus(home, y.base()));
    }
    pushSum(wide, addend);
  }

  /** Pushes what has just been put in the home of the new position, plus a constant. */
  private void pushSum(boolean wide, long addend) {
    if (wide ? addend != 0 : (int) addend != 0) {
      operands.pushAffine(Affine.of(wide, operands.home(operands.size())).plus(addend));
    } else {
      operands.pushTemporary();
      operands.defined();
    }
  }

  private void subtract(boolean wide) {
    int b = operands.pop();
    int a = operands.pop();
    if (operands.isConstant(a) && operands.isConstant(b)) {
      pushConstant(wide, operands.constant(a) - operands.constant(b));
    } else if (operands.isConstant(a)) {
      pushAffine(wide, b, -1, operands.constant(a));
    } else if (operands.isConstant(b)) {
      pushAffine(wide, a, 1, -operands.constant(b));
    } else {
      int home = operands.home(operands.size());
      Affine x = operand(wide, a);
      Affine y = operand(wide, b);
      if (y.factor() != 1) {
        addRegisters(wide, x, y.times(-1));
        return;
      }
      int minuend = x.base();
      if (x.factor() != 1) {
        x.product().into(home).forEach(assembler::emit);
        minuend = home;
      }
      assembler.op(wide ? Opcode.SUB64 : Opcode.SUB32, home, minuend, y.base());
      pushSum(wide, x.addend() - y.addend());
    }
  }

  private void multiply(boolean wide) {
    int b = operands.pop();
    int a = operands.pop();
    if (operands.isConstant(a) && operands.isConstant(b)) {
      pushConstant(wide, operands.constant(a) * operands.constant(b));
    } else if (operands.isConstant(a)) {
      pushAffine(wide, b, operands.constant(a), 0);
    } else if (operands.isConstant(b)) {
      pushAffine(wide, a, operands.constant(b), 0);
    } else {
      define(wide ? Opcode.MUL64 : Opcode.MUL32, a, b);
    }
  }

  // Comparisons

  private void compareEqual(Opcode op) {
    int b = operands.pop();
    int a = operands.pop();
    boolean swap = operands.isConstant(a) ? !operands.isConstant(b) : isSum(b) && !isSum(a);
    pushComparison(op, swap ? b : a, swap ? a : b);
  }

  private boolean isSum(int position) {
    return operands.isAffine(position) && operands.affine(position).isSum32();
  }

  /** Pushes {@code op(first, second)} of popped positions. */
  private void pushComparison(Opcode op, int first, int second) {
    boolean constant = operands.isConstant(second);
    push(
        constant
            ? compareConstant(op, first, operands.constant(second))
            : compareRegister(op, first, second));
  }

  private Instruction compareRegister(Opcode op, int first, int second) {
    int home = operands.home(operands.size());
    if (isSum(first) && Operations.comparesSums(op)) {
      Affine sum = operands.affine(first);
      int b = operands.register(second);
      return new Instruction(
          Operations.ofSum(op), home, sum.base(), b, sum.addend() << 32, true, true);
    }
    int a = operands.register(first);
    return Instruction.ofRegisters(op, home, a, operands.register(second));
  }

  /** The comparison of the value at a popped position with a constant. */
  Instruction compareConstant(Opcode op, int first, long k) {
    int home = operands.home(operands.size());
    if (isSum(first) && Operations.comparesSums(op) && k >>> 32 == 0) {
      Affine sum = operands.affine(first);
      return op.has(Flags.CMP_EQ)
          ? Instruction.ofConstant(op, home, sum.base(), (k - sum.addend()) & 0xffffffffL)
          : Instruction.ofConstant(Operations.ofSum(op), home, sum.base(), sum.addend() << 32 | k);
    }
    return Instruction.ofConstant(op, home, operands.register(first), k);
  }

  /** A constant first operand becomes the second one. */
  private void commutative(Opcode op) {
    int b = operands.pop();
    int a = operands.pop();
    if (operands.isConstant(a) && !operands.isConstant(b)) {
      defineSwapped(op, a, b);
    } else {
      define(op, a, b);
    }
  }

  /** Emits {@code top = op(b, A)}, A constant. */
  private void defineSwapped(Opcode op, int a, int b) {
    push(Instruction.ofConstant(op, operands.home(a), operands.register(b), operands.constant(a)));
  }

  /**
   * Order comparisons. {@code lt, ge} exist as instructions; {@code gt, le} are {@code lt, ge} with
   * the operands swapped, or {@code ge, lt} of the constant plus one, which exists unless the
   * constant is the greatest value: then the result is constant.
   *
   * @param swapped compute {@code op(b, a)}
   * @param greatest greatest value of the type in the order compared by
   */
  private void compare(Opcode op, boolean swapped, long greatest) {
    int b = operands.pop();
    int a = operands.pop();
    // op(x, y) with x = first, y = second.
    int first = swapped ? b : a;
    int second = swapped ? a : b;
    if (!operands.isConstant(first) || operands.isConstant(second)) {
      pushComparison(op, first, second);
      return;
    }
    // c < x is x >= c + 1, and c >= x is x < c + 1.
    long c = operands.constant(first);
    if (c == greatest) {
      operands.pushConstant(isLess(op) ? 0 : 1);
      return;
    }
    long next = greatest == 0x7fffffffL ? (c + 1) & 0xffffffffL : c + 1;
    push(compareConstant(Operations.negate(op), second, next));
  }

  private static boolean isLess(Opcode op) {
    return op == Opcode.SET_LTU || op == Opcode.SET_LTS32 || op == Opcode.SET_LTS64;
  }

  private void equalZero() {
    int a = operands.pop();
    if (operands.isConstant(a)) {
      operands.pushConstant(operands.constant(a) == 0 ? 1 : 0);
    } else if (operands.isOpen(a) && Operations.isSet(assembler.last().opcode())) {
      replaceOpcode(Operations.negate(assembler.last().opcode()));
    } else {
      push(compareConstant(Opcode.SET_EQ, a, 0));
    }
  }

  /**
   * Turns the last instruction, which defined the temporary just popped, into another of the same
   * operands.
   */
  private void replaceOpcode(Opcode op) {
    Instruction i = assembler.last();
    assembler.replaceLast(
        new Instruction(op, i.d(), i.a(), i.b(), i.k(), i.aRegister(), i.bRegister()));
    operands.pushTemporary();
    operands.defined();
  }

  /** By a constant s: multiplication by 2^s or 2^(W - s); by 0: nothing. */
  private void shift(Opcode variable, Opcode multiply, int width, boolean right) {
    int b = operands.pop();
    if (!operands.isConstant(b)) {
      define(variable, operands.pop(), b);
      return;
    }
    int s = (int) operands.constant(b) & (width - 1);
    if (s == 0) {
      return;
    }
    int a = operands.pop();
    if (multiply == Opcode.MUL32 || multiply == Opcode.MUL64) {
      pushAffine(width == 64, a, 1L << s, 0);
    } else {
      defineConstant(multiply, a, 1L << (right ? width - s : s));
    }
  }

  /**
   * {@code a >>s s = ((a + 2^(W-1)) >>u s) - 2^(W-1-s)}: the bias makes the order of signed values
   * that of unsigned ones.
   */
  private void shiftSigned(int width) {
    boolean wide = width == 64;
    Opcode add = wide ? Opcode.ADD64 : Opcode.ADD32;
    Opcode subtract = wide ? Opcode.SUB64 : Opcode.SUB32;
    long bias = 1L << (width - 1);
    int b = operands.pop();
    if (operands.isConstant(b)) {
      int s = (int) operands.constant(b) & (width - 1);
      if (s == 0) {
        return;
      }
      int a = operands.pop();
      int t = operands.home(a);
      operand(wide, a).plus(bias).into(t).forEach(assembler::emit);
      assembler.opConstant(wide ? Opcode.MULHU64 : Opcode.MULHU32, t, t, 1L << (width - s));
      pushSum(wide, -(bias >>> s));
      return;
    }
    int a = operands.pop();
    Opcode shift = wide ? Opcode.SHRU64 : Opcode.SHRU32;
    int amount = operands.register(b);
    int t = operands.home(a);
    int u = operands.home(b + 1);
    assembler.opConstant(add, t, operands.register(a), bias);
    assembler.op(shift, t, t, amount);
    assembler.constant(u, bias);
    assembler.op(shift, u, u, amount);
    push(Instruction.ofRegisters(subtract, t, t, u));
  }

  private void trapIf(Opcode notBranch, int slot, long k, TrapReason reason) {
    Label fine = new Label();
    assembler.branchConstant(notBranch, slot, k, fine);
    assembler.trap(reason);
    assembler.bind(fine);
  }

  private void divideUnsigned(Opcode op) {
    int b = operands.pop();
    int a = operands.pop();
    checkDivisor(a, b);
    define(op, a, b);
  }

  /** Traps if the divisor is 0. Leaves a constant divisor a constant unless it is 0. */
  private void checkDivisor(int a, int b) {
    var unused = operands.register(a);
    if (!operands.isConstant(b) || operands.constant(b) == 0) {
      trapIf(Opcode.BR_NE, operands.register(b), 0, TrapReason.DIVIDE_BY_ZERO);
    }
  }

  private void divideSigned(int width, Routine routine) {
    int b = operands.pop();
    int a = operands.pop();
    checkDivisor(a, b);
    long minusOne = width == 64 ? -1 : 0xffffffffL;
    if (!operands.isConstant(b) || operands.constant(b) == minusOne) {
      Label fine = new Label();
      if (!operands.isConstant(b)) {
        assembler.branchConstant(Opcode.BR_NE, operands.register(b), minusOne, fine);
      }
      assembler.branchConstant(Opcode.BR_NE, operands.register(a), 1L << (width - 1), fine);
      assembler.trap(TrapReason.INTEGER_OVERFLOW);
      assembler.bind(fine);
    }
    if (operands.isConstant(b)) {
      divideByConstant(a, width, operands.constant(b), Opcode.DIVU);
    } else {
      callBinary(a, b, routine);
    }
  }

  private void remainderSigned(Routine routine) {
    int b = operands.pop();
    int a = operands.pop();
    checkDivisor(a, b);
    if (operands.isConstant(b)) {
      divideByConstant(
          a, routine == Routine.I64_REM_S ? 64 : 32, operands.constant(b), Opcode.REMU);
    } else {
      callBinary(a, b, routine);
    }
  }

  /**
   * Divides magnitudes and puts the sign back: the quotient's is that of both operands, the
   * remainder's the dividend's.
   */
  private void divideByConstant(int a, int width, long divisor, Opcode op) {
    boolean wide = width == 64;
    Opcode subtract = wide ? Opcode.SUB64 : Opcode.SUB32;
    boolean negativeDivisor = wide ? divisor < 0 : (int) divisor < 0;
    long magnitude = negativeDivisor ? (wide ? -divisor : -(int) divisor & 0xffffffffL) : divisor;
    boolean flip = negativeDivisor && op == Opcode.DIVU;
    int x = operands.register(a);
    int t = operands.home(a);
    int zero = operands.home(a + 1);
    Label nonNegative = new Label();
    Label done = new Label();
    assembler.branchConstant(wide ? Opcode.BR_GES64 : Opcode.BR_GES32, x, 0, nonNegative);
    assembler.constant(zero, 0);
    assembler.op(subtract, t, zero, x);
    assembler.opConstant(op, t, t, magnitude);
    if (!flip) {
      assembler.op(subtract, t, zero, t);
    }
    assembler.jump(done);
    assembler.bind(nonNegative);
    assembler.opConstant(op, t, x, magnitude);
    if (flip) {
      assembler.constant(zero, 0);
      assembler.op(subtract, t, zero, t);
    }
    assembler.bind(done);
    operands.pushTemporary();
  }

  private void callBinary(int a, int b, Routine routine) {
    operands.move(operands.home(a), a);
    operands.move(operands.home(b), b);
    assembler.call(routines.apply(routine), operands.home(a));
    operands.pushTemporary();
  }

  private void call(Routine routine) {
    int a = operands.pop();
    operands.move(operands.home(a), a);
    assembler.call(routines.apply(routine), operands.home(a));
    operands.pushTemporary();
  }

  private void wrap() {
    int a = operands.pop();
    if (operands.isConstant(a)) {
      operands.pushConstant(operands.constant(a) & 0xffffffffL);
    } else if (operands.isAffine(a) && !operands.affine(a).wide()) {
      operands.pushAffine(operands.affine(a));
    } else if (operands.isAffine(a) && operands.affine(a).factor() == 1) {
      Affine sum = operands.affine(a);
      push(
          Instruction.ofConstant(
              Opcode.ADD32, operands.home(a), sum.base(), sum.addend() & 0xffffffffL));
    } else if (operands.isOpen(a) && assembler.last().opcode() == Opcode.ADD64) {
      replaceOpcode(Opcode.ADD32);
    } else if (operands.isOpen(a) && assembler.last().opcode() == Opcode.SUB64) {
      replaceOpcode(Opcode.SUB32);
    } else if (operands.isOpen(a) && Operations.fits32(assembler.last())) {
      operands.pushTemporary();
      operands.defined();
    } else {
      defineConstant(Opcode.ADD32, a, 0);
    }
  }

  /** {@code (low32(a) + 2^31 mod 2^32) - 2^31} on 64 bits. */
  private void extend32() {
    int a = operands.pop();
    int t = operands.home(a);
    operand(false, a).plus(0x80000000L).into(t).forEach(assembler::emit);
    pushSum(true, -0x80000000L);
  }

  /** {@code ((a and (2 s - 1)) xor s) - s}, with s the weight of the sign bit. */
  private void extend(boolean wide, long sign) {
    int a = operands.pop();
    defineConstant(Opcode.AND, a, 2 * sign - 1);
    signExtendTop(wide, sign);
  }

  /** {@code (a xor s) - s} for a value below 2 s on top. */
  void signExtendTop(boolean wide, long sign) {
    int a = operands.pop();
    int t = operands.home(a);
    assembler.opConstant(Opcode.XOR, t, operands.register(a), sign);
    pushSum(wide, -sign);
  }
}

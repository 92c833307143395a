package dev.zkwasm.differential;

import static dev.zkwasm.isa.ValueType.F32;
import static dev.zkwasm.isa.ValueType.F64;
import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;

import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleBuilder.Code;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Generates modules instruction by instruction, keeping the types on the operand stack as a
 * validator does: so values lie around below blocks and branches, code follows where no run can
 * come, and branches leave with more on the stack than they carry. The functions {@code f0, f1,
 * ...} are exported; {@code refuel(i32)} sets the number of calls and loop turns after which a run
 * traps.
 */
final class StackModule {
  private static final int FUEL = 0;
  private static final int UNKNOWN = -1;

  /**
   * An instruction without immediates that computes a value; codes of two bytes are 0xfc00 +
   * second.
   */
  private record Operation(int code, List<ValueType> parameters, ValueType result) {}

  private static final List<Operation> INTEGERS = new ArrayList<>();
  private static final List<Operation> FLOATS = new ArrayList<>();

  static {
    unary(INTEGERS, I32, I32, 0x45, 0x45); // eqz
    binary(INTEGERS, I32, I32, 0x46, 0x4f); // comparisons
    unary(INTEGERS, I64, I32, 0x50, 0x50);
    binary(INTEGERS, I64, I32, 0x51, 0x5a);
    unary(INTEGERS, I32, I32, 0x67, 0x69); // clz, ctz, popcnt
    binary(INTEGERS, I32, I32, 0x6a, 0x78); // add to rotr
    unary(INTEGERS, I64, I64, 0x79, 0x7b);
    binary(INTEGERS, I64, I64, 0x7c, 0x8a);
    unary(INTEGERS, I64, I32, 0xa7, 0xa7); // wrap
    unary(INTEGERS, I32, I64, 0xac, 0xad); // extend
    unary(INTEGERS, I32, I32, 0xc0, 0xc1);
    unary(INTEGERS, I64, I64, 0xc2, 0xc4);
    binary(FLOATS, F32, I32, 0x5b, 0x60);
    binary(FLOATS, F64, I32, 0x61, 0x66);
    unary(FLOATS, F32, F32, 0x8b, 0x91);
    binary(FLOATS, F32, F32, 0x92, 0x98);
    unary(FLOATS, F64, F64, 0x99, 0x9f);
    binary(FLOATS, F64, F64, 0xa0, 0xa6);
    unary(FLOATS, F32, I32, 0xa8, 0xa9);
    unary(FLOATS, F64, I32, 0xaa, 0xab);
    unary(FLOATS, F32, I64, 0xae, 0xaf);
    unary(FLOATS, F64, I64, 0xb0, 0xb1);
    unary(FLOATS, I32, F32, 0xb2, 0xb3);
    unary(FLOATS, I64, F32, 0xb4, 0xb5);
    unary(FLOATS, F64, F32, 0xb6, 0xb6);
    unary(FLOATS, I32, F64, 0xb7, 0xb8);
    unary(FLOATS, I64, F64, 0xb9, 0xba);
    unary(FLOATS, F32, F64, 0xbb, 0xbb);
    unary(FLOATS, F32, I32, 0xbc, 0xbc);
    unary(FLOATS, F64, I64, 0xbd, 0xbd);
    unary(FLOATS, I32, F32, 0xbe, 0xbe);
    unary(FLOATS, I64, F64, 0xbf, 0xbf);
    unary(FLOATS, F32, I32, 0xfc00, 0xfc01);
    unary(FLOATS, F64, I32, 0xfc02, 0xfc03);
    unary(FLOATS, F32, I64, 0xfc04, 0xfc05);
    unary(FLOATS, F64, I64, 0xfc06, 0xfc07);
  }

  private static void unary(
      List<Operation> list, ValueType parameter, ValueType result, int first, int last) {
    for (int code = first; code <= last; code++) {
      list.add(new Operation(code, List.of(parameter), result));
    }
  }

  private static void binary(
      List<Operation> list, ValueType parameter, ValueType result, int first, int last) {
    for (int code = first; code <= last; code++) {
      list.add(new Operation(code, List.of(parameter, parameter), result));
    }
  }

  /** A block being generated. */
  private static final class Frame {
    final int opcode;
    final List<ValueType> parameters;
    final List<ValueType> results;
    final int height;
    boolean unreachable;
    boolean hasElse;

    Frame(int opcode, List<ValueType> parameters, List<ValueType> results, int height) {
      this.opcode = opcode;
      this.parameters = parameters;
      this.results = results;
      this.height = height;
    }

    List<ValueType> label() {
      return opcode == LOOP ? parameters : results;
    }
  }

  private static final int BLOCK = 0x02;
  private static final int LOOP = 0x03;
  private static final int IF = 0x04;

  private final Choices choices;
  private final List<ValueType> valueTypes;
  private final List<Operation> operations = new ArrayList<>(INTEGERS);
  private final ModuleBuilder builder = new ModuleBuilder();
  private final Map<List<List<ValueType>>, Integer> typeIndices = new HashMap<>();
  private final List<ValueType> globals = new ArrayList<>();
  private final List<Boolean> mutable = new ArrayList<>();
  private final List<List<ValueType>> parameters = new ArrayList<>();
  private final List<List<ValueType>> results = new ArrayList<>();
  private int tableSize;

  // Of the function being generated.
  private List<ValueType> locals = List.of();
  private Code code = ModuleBuilder.code();
  private final List<ValueType> stack = new ArrayList<>();
  private final List<Frame> frames = new ArrayList<>();

  private StackModule(Choices choices, boolean floats) {
    this.choices = choices;
    this.valueTypes = floats ? List.of(I32, I64, F32, F64) : List.of(I32, I64);
    if (floats) {
      operations.addAll(FLOATS);
    }
  }

  static byte[] generate(Choices choices, boolean floats) {
    return new StackModule(choices, floats).module();
  }

  private byte[] module() {
    builder.memory(1, 3);
    addGlobal(I32, true, 0);
    for (int n = choices.next(5); n > 0; n--) {
      ValueType type = type();
      addGlobal(type, !choices.oneIn(3), bits(type));
    }
    for (int n = choices.next(3); n > 0; n--) {
      byte[] bytes = new byte[1 + choices.next(40)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) choices.next(256);
      }
      builder.data(choices.oneIn(2) ? 65536 - bytes.length : choices.next(64), bytes);
    }
    int functions = 1 + choices.next(5);
    for (int i = 0; i < functions; i++) {
      parameters.add(types(4));
      results.add(types(3));
    }
    tableSize = choices.next(6);
    builder.table(tableSize);
    for (int i = 0; i < tableSize; i++) {
      if (!choices.oneIn(4)) {
        builder.elements(i, choices.next(functions));
      }
    }
    for (int i = 0; i < functions; i++) {
      builder.export("f" + i, function(i));
    }
    builder.exported(
        "refuel",
        List.of(I32),
        List.of(),
        List.of(),
        op(op(ModuleBuilder.code(), 0x20, 0), 0x24, FUEL));
    return builder.build();
  }

  private void addGlobal(ValueType type, boolean isMutable, long value) {
    globals.add(type);
    mutable.add(isMutable);
    var unused = builder.global(type, isMutable, value);
  }

  private ValueType type() {
    return valueTypes.get(choices.next(valueTypes.size()));
  }

  private List<ValueType> types(int most) {
    List<ValueType> list = new ArrayList<>();
    for (int n = choices.next(most + 1); n > 0; n--) {
      list.add(type());
    }
    return list;
  }

  private int typeIndex(List<ValueType> from, List<ValueType> to) {
    return typeIndices.computeIfAbsent(
        List.of(List.copyOf(from), List.copyOf(to)), key -> builder.type(from, to));
  }

  private static Code op(Code code, int opcode, long... immediates) {
    if (opcode >= 0xfc00) {
      code.raw(0xfc).u32(opcode & 0xff);
    } else {
      code.raw(opcode);
    }
    for (long immediate : immediates) {
      code.u32(immediate);
    }
    return code;
  }

  private void op(int opcode, long... immediates) {
    var unused = op(code, opcode, immediates);
  }

  private int function(int index) {
    code = ModuleBuilder.code();
    stack.clear();
    frames.clear();
    List<ValueType> extra = types(5);
    locals = new ArrayList<>(parameters.get(index));
    locals.addAll(extra);
    // To replace NaNs by the canonical one, see canonical().
    locals.addAll(List.of(F32, F64));
    List<ValueType> declared = new ArrayList<>(extra);
    if (valueTypes.contains(F32)) {
      declared.addAll(List.of(F32, F64));
    } else {
      locals = locals.subList(0, locals.size() - 2);
    }
    frames.add(new Frame(BLOCK, List.of(), results.get(index), 0));
    burnFuel();
    for (int n = choices.next(100); n > 0; n--) {
      step();
    }
    while (frames.size() > 1) {
      close();
    }
    settle(frame());
    return builder.function(typeIndex(parameters.get(index), results.get(index)), declared, code);
  }

  private void burnFuel() {
    op(0x23, FUEL);
    op(0x45); // eqz
    code.raw(IF, 0x40);
    op(0x00); // unreachable
    code.end();
    op(0x23, FUEL);
    code.i32(1);
    op(0x6b); // sub
    op(0x24, FUEL);
  }

  private Frame frame() {
    return frames.getLast();
  }

  private void push(ValueType type) {
    stack.add(type);
  }

  /** Removes values that are there, or that unreachable code may assume. */
  private void pop(int count) {
    for (int i = 0; i < count && stack.size() > frame().height; i++) {
      stack.removeLast();
    }
  }

  private boolean onTop(List<ValueType> types) {
    for (int i = 0; i < types.size(); i++) {
      int at = stack.size() - 1 - i;
      if (at < frame().height) {
        return frame().unreachable;
      }
      if (stack.get(at) != types.get(types.size() - 1 - i)) {
        return false;
      }
    }
    return true;
  }

  /** Makes sure that these values are on top of the stack; often they are already. */
  private void need(List<ValueType> types) {
    if (onTop(types) && !choices.oneIn(8)) {
      return;
    }
    types.forEach(this::produce);
  }

  private void setUnreachable() {
    while (stack.size() > frame().height) {
      stack.removeLast();
    }
    frame().unreachable = true;
  }

  private int local(ValueType type) {
    return pick(locals, type);
  }

  private int pick(List<ValueType> list, ValueType type) {
    if (list.isEmpty()) {
      return UNKNOWN;
    }
    int from = choices.next(list.size());
    for (int i = 0; i < list.size(); i++) {
      int index = (from + i) % list.size();
      if (list.get(index) == type) {
        return index;
      }
    }
    return UNKNOWN;
  }

  private long edge() {
    return switch (choices.next(7)) {
      case 0 -> choices.next(4);
      case 1 -> -1 - choices.next(4);
      case 2 -> 1L << choices.next(64);
      case 3 -> (1L << choices.next(64)) - 1;
      case 4 -> choices.next(70);
      case 5 -> -1L << choices.next(64);
      default -> ((long) choices.next(Integer.MAX_VALUE) << 33) ^ choices.next(Integer.MAX_VALUE);
    };
  }

  private long bits(ValueType type) {
    long value = edge();
    return switch (type) {
      case I32 -> value & 0xffffffffL;
      case I64 -> value;
      case F32 ->
          Integer.toUnsignedLong(
              choices.oneIn(2) ? (int) value : Float.floatToIntBits((float) value));
      case F64 -> choices.oneIn(2) ? value : Double.doubleToLongBits((double) value);
      case FUNCREF, EXTERNREF -> throw new IllegalStateException("modules have no references");
    };
  }

  /** Pushes a value. */
  private void produce(ValueType type) {
    int index;
    switch (choices.next(5)) {
      case 1, 2, 3 -> {
        index = local(type);
        if (index != UNKNOWN) {
          op(0x20, index);
          push(type);
          return;
        }
      }
      case 4 -> {
        index = pick(globals, type);
        if (index != UNKNOWN) {
          op(0x23, index);
          push(type);
          return;
        }
      }
      default -> {}
    }
    code.constant(type, bits(type));
    push(type);
  }

  /** Takes the top value off, which must be there. */
  private void sink() {
    ValueType type = stack.getLast();
    int index = choices.oneIn(3) ? UNKNOWN : local(type);
    if (index != UNKNOWN) {
      op(0x21, index);
    } else {
      op(0x1a);
    }
    stack.removeLast();
  }

  /** Leaves exactly the results of the frame on the stack above its height. */
  private void settle(Frame frame) {
    List<ValueType> wanted = frame.results;
    int present = stack.size() - frame.height;
    if (frame.unreachable) {
      if (present > wanted.size() || !onTop(wanted)) {
        for (int i = 0; i < present; i++) {
          sink();
        }
        if (choices.oneIn(2)) {
          wanted.forEach(this::produce);
        }
      }
      return;
    }
    if (onTop(wanted)) {
      if (present == wanted.size()) {
        return;
      }
      if (frame.opcode != LOOP && frame.parameters.isEmpty() && choices.oneIn(2)) {
        op(0x0c, 0); // br: it may leave values behind
        setUnreachable();
        return;
      }
    }
    for (int i = 0; i < present; i++) {
      sink();
    }
    wanted.forEach(this::produce);
  }

  /** Ends the innermost block, or goes on to its other branch. */
  private void close() {
    Frame frame = frame();
    settle(frame);
    while (stack.size() > frame.height) {
      stack.removeLast();
    }
    if (frame.opcode == IF
        && !frame.hasElse
        && (!frame.parameters.equals(frame.results) || choices.oneIn(2))) {
      frame.hasElse = true;
      frame.unreachable = false;
      op(0x05);
      stack.addAll(frame.parameters);
      return;
    }
    code.end();
    frames.removeLast();
    stack.addAll(frame.results);
  }

  private void open(int opcode) {
    if (frames.size() > 12) {
      return;
    }
    if (opcode == IF) {
      need(List.of(I32));
      pop(1);
    }
    // Chicory 1.7.5 needs as many values below a block as it has parameters, and below a loop as it
    // has results.
    int most = Math.min(stack.size() - frame().height, stack.size() / 2);
    int taken = Math.min(most, choices.next(3));
    List<ValueType> from = List.copyOf(stack.subList(stack.size() - taken, stack.size()));
    List<ValueType> to = choices.oneIn(3) ? from : types(2);
    if (opcode == LOOP && to.size() > stack.size() - taken) {
      to = List.of();
    }
    code.raw(opcode);
    if (from.isEmpty() && to.size() <= 1) {
      code.raw(to.isEmpty() ? 0x40 : to.getFirst().code());
    } else {
      code.signed(typeIndex(from, to));
    }
    frames.add(new Frame(opcode, from, to, stack.size() - taken));
    if (opcode == LOOP) {
      burnFuel();
    }
  }

  private Frame target(int depth) {
    return frames.get(frames.size() - 1 - depth);
  }

  /**
   * False where a branch to a block with parameters would leave values behind: Chicory 1.7.5 takes
   * the parameters for values below the block and keeps them.
   *
   * @param above number of values above those that the branch takes along
   */
  private boolean leavesNothing(Frame target, int above) {
    return target.parameters.isEmpty()
        || frame().unreachable
        || stack.size() - above - target.label().size() == target.height;
  }

  private static List<ValueType> and(List<ValueType> types, ValueType last) {
    List<ValueType> list = new ArrayList<>(types);
    list.add(last);
    return list;
  }

  private void step() {
    switch (choices.next(34)) {
      case 0 -> op(0x01); // nop
      case 1, 2, 3 -> produce(type());
      case 4, 5, 6, 7, 8, 9, 10 -> operation();
      case 11, 12 -> {
        if (frames.size() > 1) {
          close();
        }
      }
      case 13, 14 -> {
        ValueType type = type();
        int index = local(type);
        if (index != UNKNOWN) {
          need(List.of(type));
          boolean tee = choices.oneIn(2);
          op(tee ? 0x22 : 0x21, index);
          retype(tee ? List.of(type) : List.of(), 1);
        }
      }
      case 15 -> {
        ValueType type = type();
        int index = pick(globals, type);
        if (index > FUEL && mutable.get(index)) {
          need(List.of(type));
          op(0x24, index);
          pop(1);
        }
      }
      case 16 -> {
        if (stack.size() > frame().height) {
          sink();
        }
      }
      case 17 -> select();
      case 18, 19 -> load();
      case 20, 21 -> store();
      case 22 -> bulk();
      case 23, 24 -> open(BLOCK);
      case 25 -> open(LOOP);
      case 26, 27 -> open(IF);
      case 28 -> {
        int depth = choices.next(frames.size());
        List<ValueType> label = target(depth).label();
        need(and(label, I32));
        if (leavesNothing(target(depth), 1)) {
          op(0x0d, depth); // br_if
          pop(1);
          retype(label, label.size());
        }
      }
      case 29 -> {
        if (choices.oneIn(3)) {
          int depth = choices.next(frames.size());
          need(target(depth).label());
          if (leavesNothing(target(depth), 0)) {
            op(0x0c, depth);
            setUnreachable();
          }
        }
      }
      case 30 -> table();
      case 31 -> call();
      case 32 -> callIndirect();
      default -> {
        if (choices.oneIn(4)) {
          if (choices.oneIn(4)) {
            op(0x00);
          } else {
            need(frames.getFirst().results);
            op(0x0f);
          }
          setUnreachable();
        }
      }
    }
  }

  /**
   * After an instruction that takes so many values and leaves these; where nothing was known of
   * them, it is now.
   */
  private void retype(List<ValueType> types, int taken) {
    pop(taken);
    stack.addAll(types);
  }

  private void operation() {
    Operation operation = operations.get(choices.next(operations.size()));
    for (int i = 0; i < 3 && !onTop(operation.parameters); i++) {
      operation = operations.get(choices.next(operations.size()));
    }
    need(operation.parameters);
    if (operation.code == 0x6d || operation.code == 0x7f) {
      // Signed division overflows and divides by zero in the tests of single instructions; here it
      // should mostly go on.
      if (!choices.oneIn(4)) {
        if (operation.result == I32) {
          code.i32(1);
        } else {
          code.i64(1);
        }
        op(operation.result == I32 ? 0x72 : 0x84); // or
      }
    }
    op(operation.code);
    pop(operation.parameters.size());
    push(operation.result);
    canonical(operation);
  }

  /** Makes a NaN the canonical one: its sign and payload are not determined. */
  private void canonical(Operation operation) {
    boolean moves =
        switch (operation.code) {
          case 0x8b, 0x8c, 0x98, 0x99, 0x9a, 0xa6, 0xbe, 0xbf ->
              true; // abs, neg, copysign, reinterpret
          default -> false;
        };
    if (moves || operation.result == I32 || operation.result == I64) {
      return;
    }
    boolean single = operation.result == F32;
    int scratch = locals.size() - (single ? 2 : 1);
    op(0x21, scratch);
    code.constant(operation.result, single ? 0x7fc00000L : 0x7ff8000000000000L);
    op(0x20, scratch);
    op(0x20, scratch);
    op(0x20, scratch);
    op(single ? 0x5c : 0x62); // ne
    op(0x1b);
    op(0x22, scratch); // other code may read it
  }

  private void select() {
    ValueType type = type();
    need(List.of(type, type, I32));
    if (choices.oneIn(3)) {
      code.raw(0x1c, 1, type.code());
    } else {
      op(0x1b);
    }
    pop(3);
    push(type);
  }

  private void address() {
    if (choices.oneIn(3)) {
      need(List.of(I32));
      pop(1);
      code.i32(choices.oneIn(8) ? 0x3ffff : 0xfff);
      op(0x71); // and
      push(I32);
    } else {
      newAddress();
    }
  }

  /** Pushes an address, whatever is on the stack. */
  private void newAddress() {
    switch (choices.next(5)) {
      case 0, 1 -> code.i32(choices.next(64));
      case 2 -> code.i32(65536 - choices.next(12));
      case 3 -> code.i32(2 * 65536 - choices.next(12));
      default -> {
        produce(I32);
        pop(1);
        code.i32(0x3f);
        op(0x71);
      }
    }
    push(I32);
  }

  /**
   * Alignment and offset.
   *
   * @param farthest the greatest offset; a store must not come near 2^32, where Chicory 1.7.5 wraps
   *     its address
   */
  private void memoryArgument(int logSize, long farthest) {
    code.u32(choices.next(logSize + 1)); // alignment, at most the natural one
    switch (choices.next(16)) {
      case 14 -> code.u32(65536 - choices.next(12));
      case 15 -> code.u32(choices.oneIn(4) ? farthest : choices.next(70000));
      default -> code.u32(choices.next(20));
    }
  }

  private static int logSize(int opcode) {
    return switch (opcode) {
      case 0x2c, 0x2d, 0x30, 0x31, 0x3a, 0x3c -> 0;
      case 0x2e, 0x2f, 0x32, 0x33, 0x3b, 0x3d -> 1;
      case 0x28, 0x2a, 0x34, 0x35, 0x36, 0x38, 0x3e -> 2;
      default -> 3;
    };
  }

  private void load() {
    address();
    ValueType type = type();
    int opcode =
        switch (type) {
          case I32 -> new int[] {0x28, 0x2c, 0x2d, 0x2e, 0x2f}[choices.next(5)];
          case I64 -> new int[] {0x29, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35}[choices.next(7)];
          case F32 -> 0x2a;
          case F64 -> 0x2b;
          case FUNCREF, EXTERNREF -> throw new IllegalStateException("modules have no references");
        };
    op(opcode);
    memoryArgument(logSize(opcode), 0xffffffffL);
    pop(1);
    push(type);
  }

  private void store() {
    ValueType type = type();
    int local = local(type);
    if (local != UNKNOWN && onTop(List.of(type))) {
      op(0x21, local);
      pop(1);
      address();
      op(0x20, local);
      push(type);
    } else {
      address();
      produce(type);
    }
    int opcode =
        switch (type) {
          case I32 -> new int[] {0x36, 0x3a, 0x3b}[choices.next(3)];
          case I64 -> new int[] {0x37, 0x3c, 0x3d, 0x3e}[choices.next(4)];
          case F32 -> 0x38;
          case F64 -> 0x39;
          case FUNCREF, EXTERNREF -> throw new IllegalStateException("modules have no references");
        };
    op(opcode);
    memoryArgument(logSize(opcode), 0x7fff0000L);
    pop(2);
  }

  private void bulk() {
    switch (choices.next(4)) {
      case 0 -> {
        op(0x3f, 0);
        push(I32);
      }
      case 1 -> {
        code.i32(new int[] {0, 1, 2, 4, 0xffff, -1}[choices.next(6)]);
        op(0x40, 0);
        push(I32);
      }
      case 2 -> {
        address();
        produce(I32);
        length();
        op(0xfc0b, 0);
        pop(3);
      }
      default -> {
        address();
        newAddress();
        length();
        op(0xfc0a, 0, 0);
        pop(3);
      }
    }
  }

  private void length() {
    code.i32(choices.oneIn(16) ? 65536 + choices.next(10) : choices.next(70));
    push(I32);
  }

  private void table() {
    int depth = choices.next(frames.size());
    List<ValueType> label = target(depth).label();
    need(and(label, I32));
    if (!leavesNothing(target(depth), 1)) {
      return;
    }
    List<Integer> fitting = new ArrayList<>();
    for (int i = 0; i < frames.size(); i++) {
      if (target(i).label().equals(label) && leavesNothing(target(i), 1)) {
        fitting.add(i);
      }
    }
    if (!choices.oneIn(3)) {
      code.i32(3);
      op(0x71);
    }
    int entries = choices.next(5);
    op(0x0e, entries);
    for (int i = 0; i < entries; i++) {
      code.u32(fitting.get(choices.next(fitting.size())));
    }
    code.u32(depth);
    setUnreachable();
  }

  private void call() {
    int callee = choices.next(parameters.size());
    need(parameters.get(callee));
    op(0x10, callee);
    pop(parameters.get(callee).size());
    stack.addAll(results.get(callee));
  }

  private void callIndirect() {
    int callee = choices.next(parameters.size());
    need(parameters.get(callee));
    if (choices.oneIn(4)) {
      produce(I32);
      pop(1);
    } else {
      code.i32(choices.next(tableSize + 1));
    }
    op(0x11, typeIndex(parameters.get(callee), results.get(callee)), 0);
    pop(parameters.get(callee).size());
    stack.addAll(results.get(callee));
  }
}

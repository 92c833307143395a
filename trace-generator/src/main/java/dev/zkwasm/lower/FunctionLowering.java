package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.host.Label;
import dev.zkwasm.host.Routine;
import dev.zkwasm.host.Subroutine;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.SourceLocation;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.wasm.CodeReader;
import dev.zkwasm.wasm.Module;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lowers one function with a body, in one pass over its instructions. */
final class FunctionLowering {
  /** Nesting of blocks that is accepted; compilers stay far below. */
  private static final int MAX_NESTING = 1 << 16;

  private enum Kind {
    FUNCTION,
    BLOCK,
    LOOP,
    IF,
    ELSE
  }

  /**
   * An open block. Below {@code base} the operand stack holds temporaries and constants only, the
   * same on every path.
   */
  private static final class Block {
    final Kind kind;
    final int base;
    final int parameters;
    final int results;

    /** Where a branch to the block goes. */
    final Label label;

    /** Where an {@code if} goes when its condition is 0. */
    final @Nullable Label otherwise;

    Block(
        Kind kind, int base, int parameters, int results, Label label, @Nullable Label otherwise) {
      this.kind = kind;
      this.label = label;
      this.base = base;
      this.parameters = parameters;
      this.results = results;
      this.otherwise = otherwise;
    }

    /** Number of values that a branch to it takes along. */
    int arity() {
      return kind == Kind.LOOP ? parameters : results;
    }
  }

  private final Lowering lowering;

  /** The library that the function belongs to, or null for the guest. */
  private final @Nullable LinkedLibrary library;

  private final Module module;
  private final Module.Function function;
  private final Assembler assembler;
  private final CodeReader code;
  private final Operands operands;
  private final Arithmetic arithmetic;
  private final TableLowering tables;
  private final List<Block> blocks = new ArrayList<>();

  /** The code here is never reached; it is not lowered. */
  private boolean dead;

  /** Blocks opened in dead code. */
  private int deadBlocks;

  FunctionLowering(
      Lowering lowering,
      @Nullable LinkedLibrary library,
      Module.Function function,
      Assembler assembler) {
    this.lowering = lowering;
    this.library = library;
    this.module = library == null ? lowering.module() : library.library().module();
    this.function = function;
    this.assembler = assembler;
    this.code = module.code(function);
    this.operands =
        new Operands(assembler, function.type().parameters().size() + function.locals());
    this.arithmetic = new Arithmetic(assembler, operands, lowering::routine);
    this.tables = new TableLowering(lowering, assembler, operands);
  }

  void lower() {
    Subroutine subroutine = subroutine(function.index());
    assembler.at(location(function.start(), "entry"));
    assembler.begin(subroutine);
    int helper = lowering.wideMultiplication(module, function);
    if (helper > 0) {
      for (int i = 0; i < function.type().parameters().size(); i++) {
        operands.pushLocal(i);
      }
      multiplyWide(helper);
      assembler.ret();
      assembler.end(subroutine, function.type().parameters().size());
      return;
    }
    BitSet zeroed = ZeroedLocals.of(module, function);
    for (int local = zeroed.nextSetBit(0); local >= 0; local = zeroed.nextSetBit(local + 1)) {
      assembler.constant(local, 0);
    }
    blocks.add(new Block(Kind.FUNCTION, 0, 0, function.type().results().size(), new Label(), null));
    while (code.next()) {
      assembler.at(location(code.offset(), code.opcode().text()));
      if (dead) {
        skip();
      } else {
        lowerInstruction();
      }
    }
    assembler.end(subroutine, function.type().parameters().size());
  }

  private Subroutine subroutine(int index) {
    return library == null ? lowering.function(index) : library.function(index);
  }

  private SourceLocation location(int offset, String instruction) {
    return library == null
        ? new SourceLocation(function.index(), function.name(), offset, instruction)
        : new SourceLocation(
            -1, library.library().name() + " " + function.name(), offset, instruction);
  }

  /** Passes over an instruction that is never reached. */
  private void skip() {
    switch (code.opcode()) {
      case BLOCK, LOOP, IF -> deadBlocks++;
      case ELSE -> {
        if (deadBlocks == 0) {
          otherwise();
        }
      }
      case END -> {
        if (deadBlocks == 0) {
          end();
        } else {
          deadBlocks--;
        }
      }
      default -> {}
    }
  }

  private void lowerInstruction() {
    switch (code.opcode()) {
      case BLOCK, LOOP, ELSE, END, NOP -> {}
      default -> {
        // The guest's instructions count, not those of libraries.
        if (library == null) {
          assembler.countWasmInstruction();
        }
      }
    }
    switch (code.opcode()) {
      case NOP -> {}
      case UNREACHABLE -> {
        assembler.trap(TrapReason.UNREACHABLE);
        dead = true;
      }
      case BLOCK -> open(Kind.BLOCK, null);
      case LOOP -> {
        open(Kind.LOOP, null);
        assembler.bind(blocks.getLast().label);
      }
      case IF -> {
        Condition condition = popCondition();
        settleForBlock();
        Label otherwise = new Label();
        branch(condition, false, otherwise);
        open(Kind.IF, otherwise);
      }
      case ELSE -> otherwise();
      case END -> end();
      case BR -> {
        leave(block(code.index()), true);
        dead = true;
      }
      case BR_IF -> branchIf();
      case BR_TABLE -> branchTable();
      case RETURN -> {
        leave(blocks.getFirst(), true);
        dead = true;
      }
      case CALL -> call();
      case CALL_INDIRECT -> callIndirect();
      case DROP -> operands.pop();
      case SELECT, SELECT_T -> select();
      case LOCAL_GET -> operands.pushLocal(code.index());
      case LOCAL_SET -> setLocal(code.index());
      case LOCAL_TEE -> {
        setLocal(code.index());
        operands.pushLocal(code.index());
      }
      case GLOBAL_GET -> globalGet();
      case GLOBAL_SET -> setGlobal(code.index());
      case I32_LOAD, F32_LOAD, I64_LOAD32_U -> load(Opcode.LOAD32);
      case I64_LOAD, F64_LOAD -> load(Opcode.LOAD64);
      case I32_LOAD8_U, I64_LOAD8_U -> load(Opcode.LOAD8);
      case I32_LOAD16_U, I64_LOAD16_U -> load(Opcode.LOAD16);
      case I32_LOAD8_S -> loadSigned(Opcode.LOAD8, false, 0x80);
      case I32_LOAD16_S -> loadSigned(Opcode.LOAD16, false, 0x8000);
      case I64_LOAD8_S -> loadSigned(Opcode.LOAD8, true, 0x80);
      case I64_LOAD16_S -> loadSigned(Opcode.LOAD16, true, 0x8000);
      case I64_LOAD32_S -> loadSigned(Opcode.LOAD32, true, 0x80000000L);
      case I32_STORE, F32_STORE, I64_STORE32 -> store(Opcode.STORE32, 0xffffffffL);
      case I64_STORE, F64_STORE -> store(Opcode.STORE64, -1);
      case I32_STORE8, I64_STORE8 -> store(Opcode.STORE8, 0xff);
      case I32_STORE16, I64_STORE16 -> store(Opcode.STORE16, 0xffff);
      case MEMORY_SIZE -> {
        assembler.read(Opcode.MEMORY_SIZE, operands.pushTemporary());
        operands.defined();
      }
      case MEMORY_GROW -> memoryGrow();
      case MEMORY_FILL -> callRoutine(Routine.MEMORY_FILL, 3);
      case MEMORY_COPY -> callRoutine(Routine.MEMORY_COPY, 3);
      case I32_CONST, I64_CONST, F32_CONST, F64_CONST -> operands.pushConstant(code.value());
      default -> {
        if (!arithmetic.lower(code.opcode()) && !tables.lower(code)) {
          callSoftFloat();
        }
      }
    }
  }

  // Blocks

  private Block block(int depth) {
    return blocks.get(blocks.size() - 1 - depth);
  }

  private void open(Kind kind, @Nullable Label otherwise) {
    if (blocks.size() >= MAX_NESTING) {
      throw code.refused("blocks nested deeper than " + MAX_NESTING);
    }
    settleForBlock();
    int parameters = code.blockParameters();
    int base = operands.size() - parameters;
    blocks.add(new Block(kind, base, parameters, code.blockResults(), new Label(), otherwise));
  }

  /**
   * Puts in their homes the locals on the stack and the parameters of the block that starts here;
   * for an {@code if} before its branch, since the other path needs them there as well.
   */
  private void settleForBlock() {
    operands.settleLocals();
    for (int i = operands.size() - code.blockParameters(); i < operands.size(); i++) {
      operands.settle(i);
    }
  }

  private void reset(int base, int count) {
    operands.shrinkTo(base);
    for (int i = 0; i < count; i++) {
      operands.pushTemporary();
    }
  }

  private void otherwise() {
    Block block = blocks.removeLast();
    Label otherwise = block.otherwise;
    if (otherwise == null) {
      throw new IllegalStateException("else without if at byte " + code.offset());
    }
    if (!dead) {
      leave(block, true);
    }
    assembler.bind(otherwise);
    blocks.add(
        new Block(Kind.ELSE, block.base, block.parameters, block.results, block.label, null));
    reset(block.base, block.parameters);
    dead = false;
  }

  private void end() {
    Block block = blocks.removeLast();
    if (block.kind == Kind.FUNCTION) {
      if (!dead) {
        leave(block, true);
      }
      return;
    }
    Label otherwise = block.otherwise;
    boolean joined = otherwise != null || (block.kind != Kind.LOOP && block.label.isUsed());
    if (!joined) {
      // Only one path arrives here, or none: nothing has to be put in place.
      return;
    }
    if (!dead) {
      for (int i = operands.size() - block.results; i < operands.size(); i++) {
        operands.settle(i);
      }
    }
    if (otherwise != null) {
      assembler.bind(otherwise);
    }
    assembler.bind(block.label);
    reset(block.base, block.results);
    dead = false;
  }

  // Branches

  /** A branch if a condition holds, without target yet. */
  private record Condition(Opcode branch, int a, int b, long k, boolean bRegister) {
    Condition(Opcode branch, Instruction test) {
      this(branch, test.a(), test.b(), test.k(), test.bRegister());
    }

    /** The branch that is taken when the condition is or is not met. */
    Instruction instruction(boolean when) {
      return new Instruction(
          when ? branch : Operations.negateBranch(branch), 0, a, b, k, true, bRegister);
    }

    boolean reads(int slot) {
      return a == slot || bRegister && b == slot;
    }
  }

  /**
   * Takes the condition from the stack; a comparison that has just been made for it is taken back,
   * and so is a conjunction that is compared with 0.
   */
  private Condition popCondition() {
    int position = operands.pop();
    Instruction test =
        operands.isOpen(position) && Operations.isSet(assembler.last().opcode())
            ? assembler.removeLast()
            : arithmetic.compareConstant(Opcode.SET_NE, position, 0);
    boolean none = test.opcode() == Opcode.SET_EQ;
    if ((none || test.opcode() == Opcode.SET_NE)
        && !test.bRegister()
        && test.k() == 0
        && test.a() == operands.home(position)
        && assembler.lastIsOpen()
        && assembler.last().opcode() == Opcode.AND
        && assembler.last().d() == test.a()) {
      return new Condition(
          none ? Opcode.BR_AND_ZERO : Opcode.BR_AND_NONZERO, assembler.removeLast());
    }
    return new Condition(Operations.branch(test.opcode()), test);
  }

  private void branch(Condition condition, boolean when, Label target) {
    assembler.branch(withLast(condition.instruction(when)), target);
    operands.closed();
  }

  /** The branch that does what it and the last instruction do, which is then taken back; or it. */
  private Instruction withLast(Instruction branch) {
    boolean absorbs =
        branch.opcode().opClass() == OpClass.CMP
            && Operations.comparesSums(branch.opcode())
            && assembler.lastIsOpen();
    Instruction both =
        !absorbs
            ? null
            : switch (assembler.last().opcode()) {
              case ADD32 -> keepingSum(branch, assembler.last());
              case CONST -> puttingConstant(branch, assembler.last());
              default -> null;
            };
    if (both == null) {
      return branch;
    }
    var unused = assembler.removeLast();
    return both;
  }

  /** The branch that also adds, if the sum has a constant and is what the branch looks at. */
  private static @Nullable Instruction keepingSum(Instruction branch, Instruction sum) {
    if (sum.bRegister()) {
      return null;
    }
    int a = branch.a();
    int b = branch.b();
    if (branch.bRegister() && b == sum.d() && branch.opcode().has(Flags.CMP_EQ)) {
      b = a;
      a = sum.d();
    }
    if (a != sum.d() || (branch.bRegister() ? b == a : branch.k() >>> 32 != 0)) {
      return null;
    }
    Opcode op = Operations.keepingSum(branch.opcode());
    return branch.bRegister()
        ? new Instruction(op, 0, sum.a(), b, sum.k() << 32 | sum.d(), true, true)
        : new Instruction(op, 0, sum.a(), sum.d(), sum.k() << 32 | branch.k(), true, false);
  }

  /**
   * The branch that also puts the constant, if that has 32 bits and the branch does not read it.
   */
  private static @Nullable Instruction puttingConstant(Instruction branch, Instruction constant) {
    int d = constant.d();
    if (constant.k() >>> 32 != 0
        || branch.a() == d
        || (branch.bRegister() ? branch.b() == d : branch.k() >>> 32 != 0)) {
      return null;
    }
    Opcode op = Operations.puttingConstant(branch.opcode());
    long k = constant.k() << 32;
    return branch.bRegister()
        ? new Instruction(op, 0, branch.a(), branch.b(), k | d, true, true)
        : new Instruction(op, 0, branch.a(), d, k | branch.k(), true, false);
  }

  /** Goes to a block's label, or returns, with the values on top of the stack, which stay on it. */
  private void leave(Block target, boolean forGood) {
    int arity = target.arity();
    int first = operands.size() - arity;
    if (target.kind == Kind.FUNCTION) {
      moveResults(first, arity, forGood);
      assembler.ret();
      return;
    }
    // A value's new home is never above its old one, so in this order none is overwritten before it
    // is moved.
    for (int i = 0; i < arity; i++) {
      int home = operands.home(target.base + i);
      if (forGood && i == arity - 1) {
        operands.moveForGood(home, first + i);
      } else {
        operands.move(home, first + i);
      }
    }
    jump(target.label);
  }

  /** A jump back to a branch becomes the opposite branch. */
  private void jump(Label label) {
    Optional<Instruction> there = assembler.at(label).filter(i -> Operations.isBranch(i.opcode()));
    if (there.isEmpty()) {
      assembler.jump(label);
      return;
    }
    Instruction i = there.get();
    Condition condition = new Condition(i.opcode(), i);
    assembler.jumpAsBranch(withLast(condition.instruction(false)), label);
  }

  /** True if a branch to the block moves no value. */
  private boolean isInPlace(Block target) {
    if (target.kind == Kind.FUNCTION) {
      return false;
    }
    int arity = target.arity();
    int first = operands.size() - arity;
    return arity == 0 || first == target.base;
  }

  private void branchIf() {
    Condition condition = popCondition();
    Block target = block(code.index());
    if (isInPlace(target)) {
      for (int i = target.base; i < target.base + target.arity(); i++) {
        operands.settle(i);
      }
      branch(condition, true, target.label);
    } else {
      Label stay = new Label();
      operands.compute(operands.size() - target.arity());
      branch(condition, false, stay);
      leave(target, false);
      assembler.bind(stay);
    }
  }

  /**
   * An index check, an indexed jump and a row of jumps; targets that need values moved get their
   * moves behind the row.
   */
  private void branchTable() {
    int index = operands.register(operands.pop());
    operands.compute(0);
    int[] labels = code.labels();
    int count = labels.length - 1;
    Map<Integer, Label> moving = new LinkedHashMap<>();
    Label byDefault = tableTarget(labels[count], moving);
    if (count > 0) {
      assembler.branchConstant(Opcode.BR_GEU, index, count, byDefault);
      assembler.jumpIndexed(index);
      for (int i = 0; i < count; i++) {
        assembler.jump(tableTarget(labels[i], moving));
      }
    } else {
      assembler.jump(byDefault);
    }
    for (Map.Entry<Integer, Label> entry : moving.entrySet()) {
      assembler.bind(entry.getValue());
      leave(block(entry.getKey()), false);
    }
    dead = true;
  }

  private Label tableTarget(int depth, Map<Integer, Label> moving) {
    Block target = block(depth);
    return target.kind != Kind.FUNCTION && target.arity() == 0
        ? target.label
        : moving.computeIfAbsent(depth, d -> new Label());
  }

  /**
   * Moves values into slots 0, 1, ...: a parallel move, whose sources may be among the
   * destinations.
   */
  private void moveResults(int first, int count, boolean forGood) {
    if (count == 1) {
      if (forGood) {
        operands.moveForGood(0, first);
      } else {
        operands.move(0, first);
      }
      return;
    }
    int[] source = new int[count];
    int[] readers = new int[count];
    for (int i = 0; i < count; i++) {
      source[i] = operands.isConstant(first + i) ? -1 : operands.register(first + i);
      if (source[i] >= 0 && source[i] < count && source[i] != i) {
        readers[source[i]]++;
      }
    }
    boolean[] done = new boolean[count];
    ArrayDeque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < count; i++) {
      done[i] = source[i] == i;
      if (!done[i] && readers[i] == 0) {
        ready.add(i);
      }
    }
    int scratch = operands.home(operands.size());
    for (int i = 0; ; ) {
      while (!ready.isEmpty()) {
        int to = ready.remove();
        int from = source[to];
        if (from < 0) {
          assembler.constant(to, operands.constant(first + to));
        } else {
          assembler.copy(to, from);
        }
        done[to] = true;
        if (from >= 0 && from < count && --readers[from] == 0 && !done[from]) {
          ready.add(from);
        }
      }
      while (i < count && done[i]) {
        i++;
      }
      if (i == count) {
        return;
      }
      // What is left are cycles: the value in slot i goes to the scratch slot, so that slot i can
      // be written.
      assembler.copy(scratch, i);
      for (int j = 0; j < count; j++) {
        if (!done[j] && source[j] == i) {
          source[j] = scratch;
        }
      }
      readers[i] = 0;
      ready.add(i);
    }
  }

  // Calls

  private void call() {
    Module.Function callee = module.functions().get(code.index());
    Module.Import imported = callee.imported();
    int helper = lowering.wideMultiplication(module, callee);
    if (helper > 0) {
      multiplyWide(helper);
      return;
    }
    if (library == null || imported == null) {
      call(subroutine(code.index()), callee.type(), 0);
      return;
    }
    Intrinsic intrinsic = library.library().intrinsic(imported);
    if (intrinsic == null) {
      call(lowering.routine(Routine.ofImport(imported).orElseThrow()), callee.type(), 0);
    } else {
      lowerIntrinsic(intrinsic);
    }
  }

  private void lowerIntrinsic(Intrinsic intrinsic) {
    switch (intrinsic) {
      case MULHU -> arithmetic.multiplyHigh();
      case TRAP_INVALID_CONVERSION -> {
        assembler.trap(TrapReason.INVALID_CONVERSION);
        dead = true;
      }
      case TRAP_INTEGER_OVERFLOW -> {
        assembler.trap(TrapReason.INTEGER_OVERFLOW);
        dead = true;
      }
      case PUBLIC_POSITION -> getGlobal(lowering.reservedGlobal(0));
      case SET_PUBLIC_POSITION -> setGlobal(lowering.reservedGlobal(0));
      case PRIVATE_POSITION -> getGlobal(lowering.reservedGlobal(1));
      case SET_PRIVATE_POSITION -> setGlobal(lowering.reservedGlobal(1));
      case RANDOM_POSITION -> getGlobal(lowering.reservedGlobal(2));
      case SET_RANDOM_POSITION -> setGlobal(lowering.reservedGlobal(2));
    }
  }

  /** What is no single instruction of the machine is a function of the soft-float library. */
  private void callSoftFloat() {
    LinkedLibrary softFloat = lowering.softFloat();
    Integer index = softFloat.library().exports().get(code.opcode().text());
    if (index == null) {
      throw code.refused(code.opcode().text() + " is not supported by this lowering version");
    }
    call(softFloat.function(index), softFloat.library().module().functions().get(index).type(), 0);
  }

  /**
   * @param extra values above the arguments that are in place already and belong to the callee's
   *     frame
   */
  private void call(Subroutine callee, Module.FunctionType type, int extra) {
    int count = type.parameters().size() + extra;
    int first = operands.size() - count;
    for (int i = first; i < operands.size(); i++) {
      operands.settle(i);
    }
    assembler.call(callee, operands.home(first));
    reset(first, type.results().size());
  }

  private void callRoutine(Routine routine, int parameters) {
    int first = operands.size() - parameters;
    for (int i = first; i < operands.size(); i++) {
      operands.settle(i);
    }
    assembler.call(lowering.routine(routine), operands.home(first));
    operands.shrinkTo(first);
  }

  /**
   * What {@link WideMultiplication} does, in place of a call of it: pointer, a, its high half, b
   * and its high half are on the stack.
   *
   * @param instructions WebAssembly instructions that the helper executes
   */
  private void multiplyWide(int instructions) {
    for (int i = 0; i < instructions; i++) {
      assembler.countWasmInstruction();
    }
    int high = operands.home(operands.size());
    int product = operands.home(operands.size() + 1);
    int bHigh = operands.pop();
    int b = operands.pop();
    int aHigh = operands.pop();
    int a = operands.pop();
    int pointer = operands.register(operands.pop());
    multiply(Opcode.MULHU64, high, a, b);
    addProduct(high, product, a, bHigh);
    addProduct(high, product, aHigh, b);
    assembler.store(Opcode.STORE64, pointer, 8, high);
    multiply(Opcode.MUL64, product, a, b);
    assembler.store(Opcode.STORE64, pointer, 0, product);
  }

  private void addProduct(int sum, int product, int x, int y) {
    if (!operands.isZero(x) && !operands.isZero(y)) {
      multiply(Opcode.MUL64, product, x, y);
      assembler.op(Opcode.ADD64, sum, sum, product);
    }
  }

  private void multiply(Opcode op, int slot, int x, int y) {
    int left = operands.isConstant(x) ? y : x;
    int right = operands.isConstant(x) ? x : y;
    int register = operands.register(left);
    assembler.emit(
        operands.isConstant(right)
            ? Instruction.ofConstant(op, slot, register, operands.constant(right))
            : Instruction.ofRegisters(op, slot, register, operands.register(right)));
  }

  /** The index stays on top of the arguments, where the table's dispatcher finds it. */
  private void callIndirect() {
    Module.FunctionType type = module.types().get(code.index());
    call(lowering.dispatcher((int) code.value(), type), type, 1);
  }

  // Values

  private void setLocal(int local) {
    int position = operands.pop();
    if (operands.isLocal(position, local)) {
      return;
    }
    operands.preserve(local, operands.isOpen(position));
    operands.moveForGood(local, position);
  }

  /**
   * {@code result = first; if (condition) skip; result = second}, less the assignment of a value
   * that is in the result's slot already. A select whose result is written to a local next writes
   * that local itself, unless the condition reads the local after the first assignment.
   */
  private void select() {
    Condition condition = popCondition();
    int second = operands.pop();
    int first = operands.pop();
    int local = code.localWrittenNext();
    if (local >= 0
        && condition.reads(local)
        && !operands.isLocal(first, local)
        && !operands.isLocal(second, local)) {
      local = -1;
    }
    if (local >= 0) {
      operands.preserve(local, false);
    }
    int slot = local >= 0 ? local : operands.home(first);
    if (operands.isAffine(second) && operands.affine(second).base() == slot) {
      var unused = operands.register(second);
    }
    Label chosen = new Label();
    if (operands.isLocal(second, slot)) {
      branch(condition, false, chosen);
      operands.move(slot, first);
    } else {
      operands.move(slot, first);
      branch(condition, true, chosen);
      operands.move(slot, second);
    }
    assembler.bind(chosen);
    if (local >= 0) {
      operands.pushLocal(local);
    } else {
      operands.pushTemporary();
    }
  }

  private void globalGet() {
    Module.Global global = module.globals().get(code.index());
    if (!global.mutable()) {
      operands.pushConstant(global.value());
      return;
    }
    getGlobal(code.index());
  }

  private void getGlobal(int index) {
    assembler.emit(
        new Instruction(
            Opcode.GLOBAL_GET, operands.home(operands.size()), index, 0, 0, false, false));
    operands.pushTemporary();
    operands.defined();
  }

  private void setGlobal(int index) {
    int value = operands.pop();
    assembler.emit(
        operands.isConstant(value)
            ? new Instruction(
                Opcode.GLOBAL_CONST, index, 0, 0, operands.constant(value), false, false)
            : new Instruction(
                Opcode.GLOBAL_SET, index, operands.register(value), 0, 0, true, false));
  }

  // Memory

  /**
   * Whether base and offset of an access are one constant address below 2^32. A greater one stays
   * in two parts: the machine adds them without wrapping and traps.
   */
  private boolean isConstantAddress(int base) {
    return operands.isConstant(base) && operands.constant(base) + code.value() < 1L << 32;
  }

  /** Whether the address is a sum of 32 bits, to which nothing is added beyond 32 bits. */
  private boolean isSum(int base) {
    return code.value() == 0 && operands.isAffine(base) && operands.affine(base).isSum32();
  }

  private void load(Opcode op) {
    int base = operands.pop();
    int home = operands.home(base);
    if (isSum(base)) {
      Affine sum = operands.affine(base);
      assembler.emit(
          new Instruction(Operations.wrapping(op), 0, sum.base(), home, sum.addend(), true, true));
      operands.pushTemporary();
      operands.defined();
      return;
    }
    boolean constant = isConstantAddress(base);
    long offset = constant ? operands.constant(base) + code.value() : code.value();
    int register = constant ? 0 : operands.register(base);
    assembler.emit(new Instruction(op, 0, register, home, offset, !constant, true));
    operands.pushTemporary();
    operands.defined();
  }

  private void loadSigned(Opcode op, boolean wide, long sign) {
    load(op);
    arithmetic.signExtendTop(wide, sign);
  }

  private void store(Opcode op, long mask) {
    int value = operands.pop();
    int base = operands.pop();
    boolean constantAddress = isConstantAddress(base);
    long offset = constantAddress ? operands.constant(base) + code.value() : code.value();
    int register = 0;
    if (isSum(base)) {
      op = Operations.wrapping(op);
      offset = operands.affine(base).addend();
      register = operands.affine(base).base();
    } else if (!constantAddress) {
      register = operands.register(base);
    }
    if (operands.isConstant(value) && (operands.constant(value) & mask) >>> 32 == 0) {
      long k = (operands.constant(value) & mask) << 32 | offset;
      assembler.emit(new Instruction(op, 0, register, 0, k, !constantAddress, false));
    } else {
      int b = operands.register(value);
      assembler.emit(new Instruction(op, 0, register, b, offset, !constantAddress, true));
    }
  }

  private void memoryGrow() {
    Module.Memory memory = module.memory();
    if (memory == null) {
      throw new IllegalStateException("memory.grow without memory");
    }
    int delta = operands.pop();
    int register = operands.register(delta);
    assembler.emit(
        Instruction.ofConstant(
            Opcode.MEMORY_GROW, operands.home(delta), register, memory.maximum()));
    operands.pushTemporary();
    operands.defined();
  }
}

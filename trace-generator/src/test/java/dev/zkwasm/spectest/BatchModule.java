package dev.zkwasm.spectest;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.spectest.Command.Action;
import java.util.ArrayList;
import java.util.List;

/**
 * The module of a sequence with a function more, exported as {@link #export}, that makes the calls
 * of the sequence in order and compares what they return, so that one run shows many assertions. Of
 * the module itself nothing is changed.
 *
 * <p>The function's first parameter selects. With 0 it passes over the calls that must not return,
 * and returns the number of assertions that it checked, or, at the first that does not hold, the
 * number of those before it. With n it also makes the n-th of those calls, and returns -n if that
 * comes back. So a run that returns the number of all assertions shows that they hold, and one that
 * traps, with the reason of its trap and the run of selector 0 beside it, which took the same path
 * up to there, shows that the call traps.
 *
 * <p>Two things cannot be said in WebAssembly. External references are parameters that follow the
 * first. Two of them cannot be compared either: those that calls must return are results that
 * follow the first, for the caller to look at.
 *
 * <p>Calls that must exhaust the stack are made from below {@link #DEPTH} frames of {@link
 * #FRAME_VALUES} values: how many calls it takes is not the specification's to say, and thus it
 * takes fewer.
 */
final class BatchModule {
  private static final int FRAME_VALUES = 10_000;

  /** Leaves less than 10 000 of the 2^20 cells. */
  private static final int DEPTH = 103;

  private static final int BLOCK_WITHOUT_RESULTS = 0x40;

  private final Sequence sequence;
  private final ModuleParts parts;
  private final String export;
  private final BinaryWriter code = new BinaryWriter();
  private final List<byte[]> descents = new ArrayList<>();
  private final List<Command> ends = new ArrayList<>();
  private final List<Long> external = new ArrayList<>();
  private final List<Expected> returned = new ArrayList<>();
  private final int returnedLocals;
  private final byte[] bytes;
  private int checks;

  BatchModule(Sequence sequence) {
    this.sequence = sequence;
    this.parts = new ModuleParts(sequence.module());
    String name = "assertions";
    while (isExported(name)) {
      name += "'";
    }
    this.export = name;
    for (Command command : sequence.commands()) {
      if (Sequence.action(command) instanceof Action.Invoke invoke) {
        for (SpecValue argument : invoke.arguments()) {
          if (isExternal(argument.type(), argument.bits()) && !external.contains(argument.bits())) {
            external.add(argument.bits());
          }
        }
      }
      if (command instanceof Command.AssertReturn c) {
        c.expected().stream().filter(BatchModule::isReturned).forEach(returned::add);
      }
    }
    this.returnedLocals = 1 + external.size();
    int next = 0;
    for (Command command : sequence.commands()) {
      next = add(command, next);
    }
    leave(checks);
    this.bytes = module();
  }

  private boolean isExported(String name) {
    return parts.exports.stream().anyMatch(e -> e.name().equals(name));
  }

  private static boolean isExternal(SpecValue.Type type, long bits) {
    return type == SpecValue.Type.EXTERNREF && bits != SpecValue.NULL;
  }

  /** True for what cannot be compared in WebAssembly: an external reference that is not null. */
  static boolean isReturned(Expected expected) {
    return expected.pattern() == Expected.Pattern.EXACT
        && isExternal(expected.type(), expected.bits());
  }

  byte[] bytes() {
    return bytes;
  }

  /** How many assertions are checked by comparing results. */
  int checks() {
    return checks;
  }

  /** The assertions about calls that do not return; number n is behind selector n + 1. */
  List<Command> ends() {
    return ends;
  }

  Sequence sequence() {
    return sequence;
  }

  Call call(int selector) {
    List<Value> arguments = new ArrayList<>();
    arguments.add(new Value(ValueType.I32, selector));
    external.forEach(number -> arguments.add(reference(number)));
    return new Call(export, arguments, new byte[0], new byte[0]);
  }

  /** What the run of selector 0 returns if all assertions hold. */
  List<Value> expectedResults() {
    List<Value> results = new ArrayList<>();
    results.add(new Value(ValueType.I32, checks));
    returned.forEach(expected -> results.add(reference(expected.bits())));
    return results;
  }

  private static Value reference(long number) {
    return new Value(ValueType.EXTERNREF, number - SpecValue.NULL);
  }

  /** Adds the code of a command; returns the number of returned references up to here. */
  private int add(Command command, int next) {
    switch (command) {
      case Command.Perform c -> drop(emit(code, c.action()));
      case Command.AssertReturn c -> {
        int results = emit(code, c.action());
        if (results != c.expected().size()) {
          throw new IllegalArgumentException("line " + c.line() + ": " + results + " results");
        }
        int behind = next + (int) c.expected().stream().filter(BatchModule::isReturned).count();
        int local = behind;
        for (int i = results - 1; i >= 0; i--) {
          Expected expected = c.expected().get(i);
          if (isReturned(expected)) {
            code.u8(0x21).u32(returnedLocals + --local);
          } else {
            differs(expected);
            code.u8(0x04).u8(BLOCK_WITHOUT_RESULTS);
            leave(checks);
            code.u8(0x0b);
          }
        }
        checks++;
        return behind;
      }
      case Command.AssertTrap c -> {
        beginEnd(c);
        drop(emit(code, c.action()));
        leave(-ends.size());
        code.u8(0x0b);
      }
      case Command.AssertExhaustion c -> {
        beginEnd(c);
        code.u8(0x41).signed(DEPTH).u8(0x10).u32(parts.functions.size() + 1 + descents.size());
        descents.add(descent(c.action()));
        leave(-ends.size());
        code.u8(0x0b);
      }
      default -> throw new IllegalArgumentException(command.toString());
    }
    return next;
  }

  /** {@code if} the selector is that of this call. */
  private void beginEnd(Command command) {
    ends.add(command);
    code.u8(0x20).u32(0).u8(0x41).signed(ends.size()).u8(0x46);
    code.u8(0x04).u8(BLOCK_WITHOUT_RESULTS);
  }

  /** {@code return}s a number, and the references seen so far. */
  private void leave(int number) {
    code.u8(0x41).signed(number);
    for (int i = 0; i < returned.size(); i++) {
      code.u8(0x20).u32(returnedLocals + i);
    }
    code.u8(0x0f);
  }

  private void drop(int values) {
    for (int i = 0; i < values; i++) {
      code.u8(0x1a);
    }
  }

  /** Calls or reads; returns the number of values that this leaves. */
  private int emit(BinaryWriter out, Action action) {
    return switch (action) {
      case Action.Get get -> {
        out.u8(0x23).u32(index(get.field(), ModuleParts.GLOBAL));
        yield 1;
      }
      case Action.Invoke invoke -> {
        for (SpecValue argument : invoke.arguments()) {
          push(out, argument);
        }
        int function = index(invoke.field(), ModuleParts.FUNCTION);
        out.u8(0x10).u32(function);
        BinaryReader type =
            new BinaryReader(parts.types.get(parts.functions.get(function)), 1); // after its form
        var parameters = type.take(type.u32());
        yield type.u32();
      }
    };
  }

  private int index(String name, int kind) {
    return parts.exports.stream()
        .filter(e -> e.name().equals(name) && e.kind() == kind)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no export " + name))
        .index();
  }

  private void push(BinaryWriter out, SpecValue value) {
    switch (value.type()) {
      case I32 -> out.u8(0x41).signed((int) value.bits());
      case I64 -> out.u8(0x42).signed(value.bits());
      case F32 -> out.u8(0x43).littleEndian(value.bits(), 4);
      case F64 -> out.u8(0x44).littleEndian(value.bits(), 8);
      case FUNCREF, EXTERNREF -> {
        if (value.bits() == SpecValue.NULL) {
          out.u8(0xd0).u8(value.type().code());
        } else if (value.type() == SpecValue.Type.EXTERNREF) {
          out.u8(0x20).u32(1 + external.indexOf(value.bits()));
        } else {
          throw new IllegalArgumentException("a function reference cannot be an argument");
        }
      }
    }
  }

  /** Replaces a value by 0 if it is what it must be, and by another i32 if not. */
  private void differs(Expected expected) {
    boolean wide = expected.type() == SpecValue.Type.I64 || expected.type() == SpecValue.Type.F64;
    switch (expected.type()) {
      case F32 -> code.u8(0xbc); // i32.reinterpret_f32
      case F64 -> code.u8(0xbd);
      case FUNCREF, EXTERNREF -> {
        code.u8(0xd1); // ref.is_null
        if (expected.pattern() == Expected.Pattern.EXACT) {
          code.u8(0x45); // must be null
        }
        return;
      }
      default -> {}
    }
    // The greatest payload of either sign, and the bits that make a NaN quiet.
    long nan = wide ? 0x7ff8000000000000L : 0x7fc00000;
    long bits =
        switch (expected.pattern()) {
          case EXACT -> expected.bits();
          case CANONICAL_NAN -> {
            mask(wide ? Long.MAX_VALUE : Integer.MAX_VALUE, wide);
            yield nan;
          }
          case ARITHMETIC_NAN -> {
            mask(nan, wide);
            yield nan;
          }
          case NON_NULL_REFERENCE -> throw new IllegalArgumentException(expected.toString());
        };
    number(bits, wide).u8(wide ? 0x52 : 0x47); // ne
  }

  private void mask(long bits, boolean wide) {
    number(bits, wide).u8(wide ? 0x83 : 0x71); // and
  }

  private BinaryWriter number(long bits, boolean wide) {
    return wide ? code.u8(0x42).signed(bits) : code.u8(0x41).signed((int) bits);
  }

  /**
   * A function from i32 to nothing that calls itself so many times, with many values on its stack,
   * and then does the action.
   */
  private byte[] descent(Action action) {
    BinaryWriter out = new BinaryWriter().u32(0);
    for (int i = 0; i < FRAME_VALUES; i++) {
      out.u8(0x41).u8(0);
    }
    out.u8(0x20).u32(0).u8(0x04).u8(BLOCK_WITHOUT_RESULTS);
    out.u8(0x20).u32(0).u8(0x41).signed(1).u8(0x6b);
    out.u8(0x10).u32(parts.functions.size() + 1 + descents.size());
    out.u8(0x0f).u8(0x0b);
    var results = emit(out, action);
    return out.u8(0x0f).u8(0x0b).bytes();
  }

  /** Copies the module; the added entries come last in their sections. */
  private byte[] module() {
    BinaryWriter out = new BinaryWriter();
    BinaryReader in = new BinaryReader(sequence.module(), 0);
    out.raw(in.take(8));
    while (!in.atEnd()) {
      int id = in.u8();
      byte[] content = in.take(in.u32());
      List<byte[]> more =
          switch (id) {
            case 1 -> types();
            case 3 -> functions();
            case 7 -> List.of(exportEntry());
            case 10 -> bodies();
            default -> List.of();
          };
      out.u8(id).sized(more.isEmpty() ? content : appended(content, more));
    }
    return out.bytes();
  }

  private static byte[] appended(byte[] content, List<byte[]> more) {
    BinaryReader in = new BinaryReader(content, 0);
    BinaryWriter out = new BinaryWriter().u32(in.u32() + more.size());
    out.raw(in.take(content.length - in.position()));
    more.forEach(out::raw);
    return out.bytes();
  }

  private List<byte[]> types() {
    int reference = SpecValue.Type.EXTERNREF.code();
    BinaryWriter batch = new BinaryWriter().u8(0x60);
    batch.u32(1 + external.size()).u8(SpecValue.Type.I32.code());
    external.forEach(number -> batch.u8(reference));
    batch.u32(1 + returned.size()).u8(SpecValue.Type.I32.code());
    returned.forEach(expected -> batch.u8(reference));
    byte[] descent = {0x60, 1, (byte) SpecValue.Type.I32.code(), 0};
    return descents.isEmpty() ? List.of(batch.bytes()) : List.of(batch.bytes(), descent);
  }

  private List<byte[]> functions() {
    List<byte[]> list = new ArrayList<>();
    list.add(new BinaryWriter().u32(parts.types.size()).bytes());
    for (int i = 0; i < descents.size(); i++) {
      list.add(new BinaryWriter().u32(parts.types.size() + 1).bytes());
    }
    return list;
  }

  private byte[] exportEntry() {
    return new BinaryWriter()
        .name(export)
        .u8(ModuleParts.FUNCTION)
        .u32(parts.functions.size())
        .bytes();
  }

  private List<byte[]> bodies() {
    BinaryWriter body = new BinaryWriter();
    if (returned.isEmpty()) {
      body.u32(0);
    } else {
      body.u32(1).u32(returned.size()).u8(SpecValue.Type.EXTERNREF.code());
    }
    body.raw(code.bytes()).u8(0x0b);
    List<byte[]> list = new ArrayList<>();
    list.add(new BinaryWriter().sized(body.bytes()).bytes());
    descents.forEach(d -> list.add(new BinaryWriter().sized(d).bytes()));
    return list;
  }
}

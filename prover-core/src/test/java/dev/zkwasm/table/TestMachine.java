package dev.zkwasm.table;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Space;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Executes lowered programs, written from {@code docs/spec/machine.md} alone and as plainly as
 * possible: the tables are tested against it.
 */
final class TestMachine {
  private static final long MASK32 = 0xffffffffL;
  private static final int STEP_LIMIT = 10_000_000;

  private final Program program;
  private final Call call;
  private final List<ValueType> resultTypes;
  private final Map<Long, Long> cells = new HashMap<>();
  private final Map<Long, Integer> memory = new HashMap<>();
  private final Map<Long, long[]> returns = new HashMap<>();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final Map<Integer, Long> results = new HashMap<>();
  private long pc;
  private long fp = Program.FRAME_BASE;
  private long pages;

  private TestMachine(Program program, Call call) {
    this.program = program;
    this.call = call;
    Program.Export export = program.export(call.export()).orElseThrow();
    pc = export.entryPc();
    resultTypes = export.results();
    pages = program.initialMemoryPages();
    for (ImageCell cell : program.image()) {
      if (cell.space() == Space.MEMORY) {
        for (int i = 0; i < 8; i++) {
          memory.put(8 * cell.address() + i, (int) (cell.value() >>> (8 * i)) & 0xff);
        }
      } else {
        cells.put(cell.key(), cell.value());
      }
    }
  }

  static ExecutionTrace run(Program program, Call call) {
    return new TestMachine(program, call).run();
  }

  private long register(long slot) {
    return cells.getOrDefault(Space.REGISTER.key(fp + slot), 0L);
  }

  private long[] words(byte[] input) {
    byte[] padded = new byte[8 * (input.length / 8 + 2)];
    System.arraycopy(input, 0, padded, 0, input.length);
    long[] words = new long[1 + padded.length / 8];
    words[0] = input.length;
    ByteBuffer.wrap(padded)
        .order(ByteOrder.LITTLE_ENDIAN)
        .asLongBuffer()
        .get(words, 1, words.length - 1);
    return words;
  }

  private ExecutionTrace run() {
    ExecutionTrace trace = new ExecutionTrace(program, call);
    while (true) {
      if (trace.steps() == STEP_LIMIT) {
        throw new IllegalStateException("the program does not end");
      }
      Exit exit = step(trace);
      if (exit != null) {
        List<Value> values = new ArrayList<>();
        if (exit.kind() == Exit.Kind.RETURNED) {
          for (int i = 0; i < resultTypes.size(); i++) {
            values.add(new Value(resultTypes.get(i), Objects.requireNonNull(results.get(i))));
          }
        }
        trace.end(exit, values, output.toByteArray());
        return trace;
      }
    }
  }

  private @Nullable Exit step(ExecutionTrace trace) {
    Instruction i = program.at((int) pc);
    long d = Integer.toUnsignedLong(i.d());
    long aSlot = Integer.toUnsignedLong(i.a());
    long bSlot = Integer.toUnsignedLong(i.b());
    long a = i.aRegister() ? register(aSlot) : 0;
    long b = i.bRegister() ? register(bSlot) : i.k();
    long recordedB = 0;
    @Nullable Long written = null;
    @Nullable Long kept = null;
    long writeTo = d;
    long result = 0;
    long nextPc = pc + 1;
    long nextFp = fp;
    long nextPages = pages;
    @Nullable Exit exit = null;
    switch (i.opcode()) {
      case ADD32 -> written = (a + b) & MASK32;
      case ADD64 -> written = a + b;
      case SUB32 -> written = (a - b) & MASK32;
      case SUB64 -> written = a - b;
      case SET_EQ -> written = a == b ? 1L : 0;
      case SET_NE -> written = a != b ? 1L : 0;
      case SET_LTU -> written = Long.compareUnsigned(a, b) < 0 ? 1L : 0;
      case SET_GEU -> written = Long.compareUnsigned(a, b) >= 0 ? 1L : 0;
      case SET_LTS32 -> written = (int) a < (int) b ? 1L : 0;
      case SET_GES32 -> written = (int) a >= (int) b ? 1L : 0;
      case SET_LTS64 -> written = a < b ? 1L : 0;
      case SET_GES64 -> written = a >= b ? 1L : 0;
      case BR_EQ, BR_NE, BR_LTU, BR_GEU, BR_LTS32, BR_GES32, BR_LTS64, BR_GES64 -> {
        boolean taken =
            switch (i.opcode()) {
              case BR_EQ -> a == b;
              case BR_NE -> a != b;
              case BR_LTU -> Long.compareUnsigned(a, b) < 0;
              case BR_GEU -> Long.compareUnsigned(a, b) >= 0;
              case BR_LTS32 -> (int) a < (int) b;
              case BR_GES32 -> (int) a >= (int) b;
              case BR_LTS64 -> a < b;
              default -> a >= b;
            };
        result = taken ? 1 : 0;
        nextPc = taken ? d : nextPc;
      }
      case SET_SUM_EQ, SET_SUM_NE, SET_SUM_LTU, SET_SUM_GEU, SET_SUM_LTS32, SET_SUM_GES32 ->
          written = sumHolds(i, a, b) ? 1L : 0;
      case BR_SUM_EQ,
          BR_SUM_NE,
          BR_SUM_LTU,
          BR_SUM_GEU,
          BR_SUM_LTS32,
          BR_SUM_GES32,
          BR_KEEP_EQ,
          BR_KEEP_NE,
          BR_KEEP_LTU,
          BR_KEEP_GEU,
          BR_KEEP_LTS32,
          BR_KEEP_GES32,
          BR_PUT_EQ,
          BR_PUT_NE,
          BR_PUT_LTU,
          BR_PUT_GEU,
          BR_PUT_LTS32,
          BR_PUT_GES32 -> {
        boolean taken = sumHolds(i, a, b);
        result = taken ? 1 : 0;
        nextPc = taken ? d : nextPc;
        if (i.opcode().name().startsWith("BR_KEEP")) {
          kept = (a + i.kHi()) & MASK32;
          writeTo = i.bRegister() ? i.kLo() : bSlot;
        } else if (i.opcode().name().startsWith("BR_PUT")) {
          kept = i.kHi();
          writeTo = i.bRegister() ? i.kLo() : bSlot;
        }
      }
      case AND -> written = a & b;
      case OR -> written = a | b;
      case AND_NOT -> written = a & ~b;
      case XOR -> written = a ^ b;
      case MUL32 -> written = (a * b) & MASK32;
      case MUL64 -> written = a * b;
      case MULADD32 -> written = (i.bRegister() ? a * i.k() + b : a * i.kLo() + i.kHi()) & MASK32;
      case MULADD64 -> written = i.bRegister() ? a * i.k() + b : a * i.kLo() + i.kHi();
      case BR_AND_ZERO, BR_AND_NONZERO -> {
        boolean taken = (a & b) == 0 == (i.opcode() == Opcode.BR_AND_ZERO);
        result = taken ? 1 : 0;
        nextPc = taken ? d : nextPc;
      }
      case MULHU32 -> written = product(a, b).shiftRight(32).longValue();
      case MULHU64 -> written = product(a, b).shiftRight(64).longValue();
      case MULROT32 -> written = Integer.toUnsignedLong(Integer.rotateLeft((int) a, log(b)));
      case MULROT64 -> written = Long.rotateLeft(a, log(b));
      case SHL32 -> written = Integer.toUnsignedLong((int) a << (int) b);
      case SHL64 -> written = a << b;
      case SHRU32 -> written = Integer.toUnsignedLong((int) a >>> (int) b);
      case SHRU64 -> written = a >>> b;
      case ROTL32 -> written = Integer.toUnsignedLong(Integer.rotateLeft((int) a, (int) b));
      case ROTL64 -> written = Long.rotateLeft(a, (int) b);
      case ROTR32 -> written = Integer.toUnsignedLong(Integer.rotateRight((int) a, (int) b));
      case ROTR64 -> written = Long.rotateRight(a, (int) b);
      case DIVU -> written = Long.divideUnsigned(a, b);
      case REMU -> written = Long.remainderUnsigned(a, b);
      case LOAD8,
          LOAD16,
          LOAD32,
          LOAD64,
          STORE8,
          STORE16,
          STORE32,
          STORE64,
          LOAD8_WRAP,
          LOAD16_WRAP,
          LOAD32_WRAP,
          LOAD64_WRAP,
          STORE8_WRAP,
          STORE16_WRAP,
          STORE32_WRAP,
          STORE64_WRAP -> {
        long address = a + i.kLo();
        if (i.opcode().name().endsWith("_WRAP")) {
          address &= MASK32;
        }
        int size = i.opcode().accessSize();
        boolean stores = i.opcode().name().startsWith("STORE");
        long value = i.bRegister() ? register(bSlot) : i.kHi();
        if (address + size > pages * Program.PAGE) {
          exit = Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS);
          recordedB = stores ? value : 0;
        } else if (stores) {
          recordedB = value;
          for (int j = 0; j < size; j++) {
            memory.put(address + j, (int) (value >>> (8 * j)) & 0xff);
          }
        } else {
          long loaded = 0;
          for (int j = 0; j < size; j++) {
            loaded |= (long) memory.getOrDefault(address + j, 0) << (8 * j);
          }
          written = loaded;
          writeTo = bSlot;
        }
      }
      case CELL_LOAD -> {
        written = cells.getOrDefault(Space.TABLE.key(a + i.kLo()), 0L);
        writeTo = bSlot;
      }
      case CELL_STORE -> {
        recordedB = b;
        cells.put(Space.TABLE.key(a + i.kLo()), b);
      }
      case COPY -> written = a;
      case CONST -> written = i.k();
      case GLOBAL_GET -> written = cells.getOrDefault(Space.GLOBAL.key(aSlot), 0L);
      case GLOBAL_SET -> {
        cells.put(Space.GLOBAL.key(d), a);
        result = a;
      }
      case GLOBAL_CONST -> {
        cells.put(Space.GLOBAL.key(d), i.k());
        result = i.k();
      }
      case MEMORY_SIZE -> written = pages;
      case JUMP -> nextPc = d;
      case JUMP_INDEXED -> nextPc = pc + 1 + (a & MASK32);
      case CALL -> {
        if (fp + d + i.kHi() > Program.STACK_CELLS) {
          exit = Exit.trapped(TrapReason.CALL_STACK_EXHAUSTED);
        } else {
          returns.put(fp + d, new long[] {pc + 1, d});
          nextFp = fp + d;
          nextPc = i.kLo();
        }
      }
      case RETURN -> {
        long[] info = Objects.requireNonNull(returns.get(fp));
        nextPc = info[0];
        nextFp = fp - info[1];
      }
      case ARGUMENT -> written = call.arguments().get((int) i.kLo()).bits();
      case RESULT -> results.put((int) i.kLo(), a);
      case PUBLIC_WORD -> written = words(call.publicInput())[(int) a];
      case PRIVATE_WORD -> written = words(call.privateInput())[(int) a];
      case OUTPUT_BYTE -> output.write((int) a);
      case MEMORY_GROW -> {
        boolean grows = pages + (a & MASK32) <= i.kLo();
        written = grows ? pages : MASK32;
        nextPages = grows ? pages + a : pages;
      }
      case HALT -> exit = Exit.returned();
      case EXIT -> exit = Exit.exited((int) a);
      case TRAP -> exit = new Exit(Exit.Kind.TRAPPED, i.kLo());
    }
    boolean two =
        switch (i.opcode().opClass()) {
          case ALU, CMP, BIT, MUL, DIV -> true;
          case MEM, MOVE, FLOW, HOST, GROW, EXIT, CELL -> false;
        };
    trace.add(
        (int) pc,
        (int) fp,
        (int) pages,
        a,
        two ? operandB(i, b) : recordedB,
        written == null ? result : written);
    if (written != null) {
      cells.put(Space.REGISTER.key(fp + writeTo), written);
    }
    if (kept != null) {
      cells.put(Space.REGISTER.key(fp + writeTo), kept);
    }
    pc = nextPc;
    fp = nextFp;
    pages = nextPages;
    return exit;
  }

  private static boolean sumHolds(Instruction i, long a, long b) {
    String name = i.opcode().name();
    long sum = name.startsWith("BR_PUT") ? a : (a + i.kHi()) & MASK32;
    long other = operandB(i, b);
    return switch (name.substring(name.lastIndexOf('_') + 1)) {
      case "EQ" -> sum == other;
      case "NE" -> sum != other;
      case "LTU" -> Long.compareUnsigned(sum, other) < 0;
      case "GEU" -> Long.compareUnsigned(sum, other) >= 0;
      case "LTS32" -> (int) sum < (int) other;
      default -> (int) sum >= (int) other;
    };
  }

  /** The constant that a sum is compared with has 32 bits. */
  private static long operandB(Instruction i, long b) {
    String name = i.opcode().name();
    boolean sums = name.contains("_SUM_") || name.contains("_KEEP_") || name.contains("_PUT_");
    return sums && !i.bRegister() ? i.kLo() : b;
  }

  private static BigInteger product(long a, long b) {
    return new BigInteger(Long.toUnsignedString(a))
        .multiply(new BigInteger(Long.toUnsignedString(b)));
  }

  private static int log(long power) {
    return Long.numberOfTrailingZeros(power);
  }
}

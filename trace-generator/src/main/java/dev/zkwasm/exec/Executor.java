package dev.zkwasm.exec;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TraceBlock;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.Names;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * The machine of {@code docs/spec/machine.md}, as an interpreter of a program decoded to arrays.
 * Not thread-safe.
 */
public final class Executor {
  private static final Opcode[] OPCODES = Opcode.values();

  /** Blocks of records between two reports of the progress. */
  private static final int REPORT_INTERVAL = (1 << 17) / TraceBlock.CAPACITY;

  private final Program program;
  private final Call call;
  private final Program.Export export;
  private final Limits limits;

  // The decoded program, by pc; where the second operand is the constant, b is -1 - field b; a is
  // -1 for a memory access without base.
  private final byte[] opcodes;
  private final int[] d;
  private final int[] a;
  private final int[] b;
  private final long[] k;

  private long[] registers = new long[4096];
  private long[] returns = new long[256];
  private final long[] globals;
  private final PagedMemory memory = new PagedMemory();
  private final TableCells cells = new TableCells();
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();
  private final long[] results;

  // The state between two blocks of records.
  private int pc;
  private int fp;
  private int pages;
  private @Nullable Exit exit;
  private boolean memoryFull;

  private Executor(Program program, Call call, Limits limits) {
    this.program = program;
    this.call = call;
    this.limits = limits;
    this.export = check(program, call);
    this.results = new long[export.results().size()];
    this.pc = export.entryPc();
    this.fp = Program.FRAME_BASE;
    this.pages = program.initialMemoryPages();
    int size = program.code().size();
    opcodes = new byte[size + 1];
    d = new int[size + 1];
    a = new int[size + 1];
    b = new int[size + 1];
    k = new long[size + 1];
    int globalCount = 0;
    for (int pc = 1; pc <= size; pc++) {
      Instruction i = program.at(pc);
      opcodes[pc] = (byte) i.opcode().ordinal();
      d[pc] = i.d();
      a[pc] = i.opcode().opClass() == dev.zkwasm.isa.OpClass.MEM && !i.aRegister() ? -1 : i.a();
      b[pc] = i.bRegister() ? i.b() : -1 - i.b();
      k[pc] = i.k();
      globalCount =
          switch (i.opcode()) {
            case GLOBAL_GET -> Math.max(globalCount, i.a() + 1);
            case GLOBAL_SET, GLOBAL_CONST -> Math.max(globalCount, i.d() + 1);
            default -> globalCount;
          };
    }
    for (ImageCell cell : program.image()) {
      if (cell.space() == dev.zkwasm.isa.Space.GLOBAL) {
        globalCount = Math.max(globalCount, (int) cell.address() + 1);
      }
    }
    globals = new long[globalCount];
    for (ImageCell cell : program.image()) {
      switch (cell.space()) {
        case GLOBAL -> globals[(int) cell.address()] = cell.value();
        case MEMORY -> memory.store(cell.address() * 8, 8, cell.value());
        case TABLE -> cells.store(cell.address(), cell.value());
        default -> throw new IllegalArgumentException("image cell in space " + cell.space());
      }
      if (memory.touched() > limits.memoryPages()) {
        throw new LimitException(
            LimitException.Kind.MEMORY,
            "the module's initial data touch more than the limit of "
                + limits.memoryPages()
                + " memory pages");
      }
    }
  }

  /**
   * Executes and records.
   *
   * @throws CallException if the call does not fit the program
   * @throws LimitException if a limit is reached
   * @throws CancellationException if {@code progress} says so
   */
  public static ExecutionTrace execute(
      Program program, Call call, Limits limits, Progress progress) {
    ExecutionTrace trace = new ExecutionTrace(program, call);
    Outcome outcome = run(program, null, call, limits, progress, keepingIn(trace));
    trace.end(outcome.exit(), outcome.results(), outcome.output());
    return trace;
  }

  /**
   * Executes.
   *
   * @param weights WebAssembly instructions per lowered instruction, or null if they are not to be
   *     counted
   * @param sink receives the records
   * @throws CallException if the call does not fit the program
   * @throws LimitException if a limit is reached
   * @throws CancellationException if {@code progress} says so
   */
  public static Outcome run(
      Program program,
      int @Nullable [] weights,
      Call call,
      Limits limits,
      Progress progress,
      TraceSink sink) {
    return new Executor(program, call, limits).run(weights, progress, sink);
  }

  /** Drops the records. */
  public static final TraceSink NO_TRACE = block -> block;

  /** Appends the records to a trace. */
  public static TraceSink keepingIn(ExecutionTrace trace) {
    return block -> {
      trace.append(block);
      return new TraceBlock();
    };
  }

  /** The export called, after checking that the arguments fit it. */
  public static Program.Export check(Program program, Call call) {
    Program.Export export =
        program
            .export(call.export())
            .orElseThrow(
                () ->
                    new CallException(
                        "the module exports no function \""
                            + Names.printable(call.export())
                            + "\"; it exports: "
                            + (program.exports().isEmpty()
                                ? "none"
                                : String.join(
                                    ", ",
                                    program.exports().stream()
                                        .limit(50)
                                        .map(Executor::signature)
                                        .toList()))));
    List<ValueType> given = call.arguments().stream().map(Value::type).toList();
    if (!given.equals(export.parameters())) {
      throw new CallException(
          "the call gives "
              + (given.isEmpty() ? "no arguments" : given.size() + " of types " + types(given))
              + " but the export is "
              + signature(export));
    }
    if (!call.arguments().stream().allMatch(Value::isArgument)) {
      throw new CallException(
          "the call gives a reference to a function, of which only null can come from outside");
    }
    return export;
  }

  private static String signature(Program.Export export) {
    return Names.printable(export.name())
        + types(export.parameters())
        + " -> "
        + types(export.results());
  }

  private static String types(List<ValueType> types) {
    return "("
        + String.join(
            ", ", types.stream().map(t -> t.name().toLowerCase(java.util.Locale.ROOT)).toList())
        + ")";
  }

  private Outcome run(int @Nullable [] weights, Progress progress, TraceSink sink) {
    ensureRegisters(Math.max(export.parameters().size(), export.results().size()) + 1);
    ensureReturn(0);
    TraceBlock block = new TraceBlock();
    long steps = 0;
    long wasmSteps = 0;
    for (int blocks = 0; ; blocks++) {
      if (blocks % REPORT_INTERVAL == 0 && blocks > 0 && !progress.proceed(steps)) {
        throw new CancellationException("execution cancelled after " + steps + " steps");
      }
      fill(block, (int) Math.min(TraceBlock.CAPACITY, limits.steps() - steps));
      steps += block.size();
      if (weights != null) {
        for (int i = 0; i < block.size(); i++) {
          wasmSteps += weights[block.pc(i) - 1];
        }
      }
      int lastPc = block.pc(block.size() - 1);
      block = sink.take(block);
      if (exit != null) {
        return new Outcome(exit, results(exit), output.toByteArray(), steps, wasmSteps, lastPc);
      }
      if (memoryFull) {
        throw limit(
            LimitException.Kind.MEMORY,
            "memory limit of " + limits.memoryPages() + " touched pages reached",
            steps);
      }
      if (steps == limits.steps()) {
        throw limit(
            LimitException.Kind.STEPS, "step limit (gas) of " + limits.steps() + " reached", steps);
      }
    }
  }

  /**
   * Executes some steps and records them. It ends before that many if the run does, or with a step
   * that reaches the limit of memory.
   */
  private void fill(TraceBlock block, int count) {
    int pc = this.pc;
    int fp = this.fp;
    int pages = this.pages;
    long[] r = registers;
    // As local variables they are not read again from the object in every step.
    byte[] opcodes = this.opcodes;
    int[] d = this.d;
    int[] a = this.a;
    int[] b = this.b;
    long[] k = this.k;
    int step = 0;
    while (step < count) {
      Opcode opcode = OPCODES[opcodes[pc]];
      int next = pc + 1;
      int nextFp = fp;
      int nextPages = pages;
      long x = 0;
      long y = 0;
      long result = 0;
      switch (opcode) {
        case ADD32,
            ADD64,
            SUB32,
            SUB64,
            AND,
            OR,
            XOR,
            AND_NOT,
            MUL32,
            MUL64,
            MULHU32,
            MULHU64,
            MULROT32,
            MULROT64,
            SHL32,
            SHL64,
            SHRU32,
            SHRU64,
            ROTL32,
            ROTL64,
            ROTR32,
            ROTR64,
            DIVU,
            REMU,
            SET_EQ,
            SET_NE,
            SET_LTU,
            SET_GEU,
            SET_LTS32,
            SET_GES32,
            SET_LTS64,
            SET_GES64 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc];
          result = compute(opcode, x, y);
          r[fp + d[pc]] = result;
        }
        case BR_EQ, BR_NE, BR_LTU, BR_GEU, BR_LTS32, BR_GES32, BR_LTS64, BR_GES64 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc];
          if (holds(opcode, x, y)) {
            result = 1;
            next = d[pc];
          }
        }
        case SET_SUM_EQ, SET_SUM_NE, SET_SUM_LTU, SET_SUM_GEU, SET_SUM_LTS32, SET_SUM_GES32 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc] & 0xffffffffL;
          result = holds(opcode, (x + (k[pc] >>> 32)) & 0xffffffffL, y) ? 1 : 0;
          r[fp + d[pc]] = result;
        }
        case BR_SUM_EQ, BR_SUM_NE, BR_SUM_LTU, BR_SUM_GEU, BR_SUM_LTS32, BR_SUM_GES32 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc] & 0xffffffffL;
          if (holds(opcode, (x + (k[pc] >>> 32)) & 0xffffffffL, y)) {
            result = 1;
            next = d[pc];
          }
        }
        case BR_KEEP_EQ, BR_KEEP_NE, BR_KEEP_LTU, BR_KEEP_GEU, BR_KEEP_LTS32, BR_KEEP_GES32 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc] & 0xffffffffL;
          long sum = (x + (k[pc] >>> 32)) & 0xffffffffL;
          if (holds(opcode, sum, y)) {
            result = 1;
            next = d[pc];
          }
          r[fp + (slot >= 0 ? (int) k[pc] : -1 - slot)] = sum;
        }
        case BR_PUT_EQ, BR_PUT_NE, BR_PUT_LTU, BR_PUT_GEU, BR_PUT_LTS32, BR_PUT_GES32 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc] & 0xffffffffL;
          if (holds(opcode, x, y)) {
            result = 1;
            next = d[pc];
          }
          r[fp + (slot >= 0 ? (int) k[pc] : -1 - slot)] = k[pc] >>> 32;
        }
        case BR_AND_ZERO, BR_AND_NONZERO -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc];
          if ((x & y) == 0 == (opcode == Opcode.BR_AND_ZERO)) {
            result = 1;
            next = d[pc];
          }
        }
        case MULADD32, MULADD64 -> {
          x = r[fp + a[pc]];
          int slot = b[pc];
          y = slot >= 0 ? r[fp + slot] : k[pc];
          result = slot >= 0 ? x * k[pc] + y : x * (y & 0xffffffffL) + (y >>> 32);
          if (opcode == Opcode.MULADD32) {
            result &= 0xffffffffL;
          }
          r[fp + d[pc]] = result;
        }
        case LOAD8, LOAD16, LOAD32, LOAD64, LOAD8_WRAP, LOAD16_WRAP, LOAD32_WRAP, LOAD64_WRAP -> {
          x = a[pc] >= 0 ? r[fp + a[pc]] : 0;
          long address = address(opcode, x, k[pc]);
          int size = accessSize(opcode);
          if (address + size > (long) pages * Program.PAGE) {
            exit = Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS);
          } else {
            result = memory.load(address, size);
            r[fp + b[pc]] = result;
          }
        }
        case STORE8,
            STORE16,
            STORE32,
            STORE64,
            STORE8_WRAP,
            STORE16_WRAP,
            STORE32_WRAP,
            STORE64_WRAP -> {
          x = a[pc] >= 0 ? r[fp + a[pc]] : 0;
          y = b[pc] >= 0 ? r[fp + b[pc]] : k[pc] >>> 32;
          long address = address(opcode, x, k[pc]);
          int size = accessSize(opcode);
          if (address + size > (long) pages * Program.PAGE) {
            exit = Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS);
          } else {
            memory.store(address, size, y);
            memoryFull = memory.touched() > limits.memoryPages();
          }
        }
        case CELL_LOAD -> {
          x = r[fp + a[pc]];
          result = cells.load(x + (k[pc] & 0xffffffffL));
          r[fp + b[pc]] = result;
        }
        case CELL_STORE -> {
          x = r[fp + a[pc]];
          y = r[fp + b[pc]];
          cells.store(x + (k[pc] & 0xffffffffL), y);
        }
        case COPY -> {
          x = r[fp + a[pc]];
          result = x;
          r[fp + d[pc]] = x;
        }
        case CONST -> {
          result = k[pc];
          r[fp + d[pc]] = result;
        }
        case GLOBAL_GET -> {
          result = globals[a[pc]];
          r[fp + d[pc]] = result;
        }
        case GLOBAL_SET -> {
          x = r[fp + a[pc]];
          result = x;
          globals[d[pc]] = x;
        }
        case GLOBAL_CONST -> {
          result = k[pc];
          globals[d[pc]] = result;
        }
        case MEMORY_SIZE -> {
          result = pages;
          r[fp + d[pc]] = result;
        }
        case MEMORY_GROW -> {
          x = r[fp + a[pc]];
          long size = pages + (x & 0xffffffffL);
          if (size <= (k[pc] & 0xffffffffL)) {
            result = pages;
            nextPages = (int) size;
          } else {
            result = 0xffffffffL;
          }
          r[fp + d[pc]] = result;
        }
        case JUMP -> next = d[pc];
        case JUMP_INDEXED -> {
          x = r[fp + a[pc]];
          next = pc + 1 + (int) x;
        }
        case CALL -> {
          long cells = (long) fp + d[pc] + (k[pc] >>> 32);
          if (cells > Program.STACK_CELLS) {
            exit = Exit.trapped(TrapReason.CALL_STACK_EXHAUSTED);
          } else {
            nextFp = fp + d[pc];
            ensureRegisters((int) cells);
            r = registers;
            ensureReturn(nextFp);
            returns[nextFp] = (long) d[pc] << 32 | (pc + 1);
            next = (int) k[pc];
          }
        }
        case RETURN -> {
          long cell = returns[fp];
          next = (int) cell;
          nextFp = fp - (int) (cell >>> 32);
        }
        case ARGUMENT -> {
          result = call.arguments().get((int) k[pc]).bits();
          r[fp + d[pc]] = result;
        }
        case RESULT -> {
          x = r[fp + a[pc]];
          results[(int) k[pc]] = x;
        }
        case PUBLIC_WORD -> {
          x = r[fp + a[pc]];
          result = word(call.publicInput(), x);
          r[fp + d[pc]] = result;
        }
        case PRIVATE_WORD -> {
          x = r[fp + a[pc]];
          result = word(call.privateInput(), x);
          r[fp + d[pc]] = result;
        }
        case OUTPUT_BYTE -> {
          x = r[fp + a[pc]];
          output.write((int) x);
        }
        case HALT -> exit = Exit.returned();
        case EXIT -> {
          x = r[fp + a[pc]];
          exit = Exit.exited((int) x);
        }
        case TRAP -> exit = Exit.trapped(TrapReason.ofCode(k[pc] & 0xffffffffL));
      }
      block.set(step++, pc, fp, pages, x, y, result);
      if (exit != null || memoryFull) {
        break;
      }
      pc = next;
      fp = nextFp;
      pages = nextPages;
    }
    block.resize(step);
    this.pc = pc;
    this.fp = fp;
    this.pages = pages;
  }

  private LimitException limit(LimitException.Kind kind, String what, long steps) {
    return new LimitException(kind, what + " at step " + steps + ", " + program.locationOf(pc));
  }

  private List<Value> results(Exit exit) {
    List<Value> list = new ArrayList<>();
    if (exit.kind() == Exit.Kind.RETURNED) {
      for (int i = 0; i < results.length; i++) {
        list.add(new Value(export.results().get(i), results[i]));
      }
    }
    return list;
  }

  private void ensureRegisters(int cells) {
    if (cells > registers.length) {
      registers = Arrays.copyOf(registers, Math.max(cells, 2 * registers.length));
    }
  }

  private void ensureReturn(int fp) {
    if (fp >= returns.length) {
      returns = Arrays.copyOf(returns, Math.max(fp + 1, 2 * returns.length));
    }
  }

  private static int accessSize(Opcode opcode) {
    return switch (opcode) {
      case LOAD8, STORE8, LOAD8_WRAP, STORE8_WRAP -> 1;
      case LOAD16, STORE16, LOAD16_WRAP, STORE16_WRAP -> 2;
      case LOAD32, STORE32, LOAD32_WRAP, STORE32_WRAP -> 4;
      default -> 8;
    };
  }

  private static long address(Opcode opcode, long base, long k) {
    long sum = base + (k & 0xffffffffL);
    return opcode.has(Flags.MEM_WRAP) ? sum & 0xffffffffL : sum;
  }

  private static long compute(Opcode opcode, long x, long y) {
    return switch (opcode) {
      case ADD32 -> (x + y) & 0xffffffffL;
      case ADD64 -> x + y;
      case SUB32 -> (x - y) & 0xffffffffL;
      case SUB64 -> x - y;
      case AND -> x & y;
      case OR -> x | y;
      case XOR -> x ^ y;
      case AND_NOT -> x & ~y;
      case MUL32 -> (x * y) & 0xffffffffL;
      case MUL64 -> x * y;
      case MULHU32 -> (x * y) >>> 32;
      case MULHU64 -> Math.unsignedMultiplyHigh(x, y);
      case MULROT32 -> {
        long product = x * y;
        yield (product & 0xffffffffL) + (product >>> 32);
      }
      case MULROT64 -> x * y + Math.unsignedMultiplyHigh(x, y);
      case SHL32 -> x << (y & 31) & 0xffffffffL;
      case SHL64 -> x << y;
      case SHRU32 -> x >>> (y & 31);
      case SHRU64 -> x >>> y;
      case ROTL32 -> Integer.rotateLeft((int) x, (int) y) & 0xffffffffL;
      case ROTL64 -> Long.rotateLeft(x, (int) y);
      case ROTR32 -> Integer.rotateRight((int) x, (int) y) & 0xffffffffL;
      case ROTR64 -> Long.rotateRight(x, (int) y);
      case DIVU -> Long.divideUnsigned(x, y);
      case REMU -> Long.remainderUnsigned(x, y);
      case SET_EQ, SET_NE, SET_LTU, SET_GEU, SET_LTS32, SET_GES32, SET_LTS64, SET_GES64 ->
          holds(opcode, x, y) ? 1 : 0;
      default -> throw new IllegalStateException(opcode + " computes no value");
    };
  }

  private static boolean holds(Opcode opcode, long x, long y) {
    return switch (opcode) {
      case SET_EQ, BR_EQ, SET_SUM_EQ, BR_SUM_EQ, BR_KEEP_EQ, BR_PUT_EQ -> x == y;
      case SET_NE, BR_NE, SET_SUM_NE, BR_SUM_NE, BR_KEEP_NE, BR_PUT_NE -> x != y;
      case SET_LTU, BR_LTU, SET_SUM_LTU, BR_SUM_LTU, BR_KEEP_LTU, BR_PUT_LTU ->
          Long.compareUnsigned(x, y) < 0;
      case SET_GEU, BR_GEU, SET_SUM_GEU, BR_SUM_GEU, BR_KEEP_GEU, BR_PUT_GEU ->
          Long.compareUnsigned(x, y) >= 0;
      case SET_LTS32, BR_LTS32, SET_SUM_LTS32, BR_SUM_LTS32, BR_KEEP_LTS32, BR_PUT_LTS32 ->
          (int) x < (int) y;
      case SET_GES32, BR_GES32, SET_SUM_GES32, BR_SUM_GES32, BR_KEEP_GES32, BR_PUT_GES32 ->
          (int) x >= (int) y;
      case SET_LTS64, BR_LTS64 -> x < y;
      case SET_GES64, BR_GES64 -> x >= y;
      default -> throw new IllegalStateException(opcode + " compares nothing");
    };
  }

  /**
   * Word of an input: 0 is the length, the others 8 bytes each, zero-padded. Programs check the
   * index before.
   */
  private static long word(byte[] input, long index) {
    if (index == 0) {
      return input.length;
    }
    long start = 8 * (index - 1);
    if (start >= input.length) {
      throw new IllegalStateException(
          "the program reads input word " + index + " of " + input.length + " bytes");
    }
    long word = 0;
    for (int i = 0; i < 8 && start + i < input.length; i++) {
      word |= (input[(int) start + i] & 0xffL) << (8 * i);
    }
    return word;
  }
}

package dev.zkwasm.exec;

import static dev.zkwasm.isa.ValueType.I32;
import static dev.zkwasm.isa.ValueType.I64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** WASI preview 1 commands: the answers of docs/spec/wasi.md, and a whole program. */
class WasiTest {
  private static final String WASI = "wasi_snapshot_preview1";
  private static final Path GUESTS = Path.of("../../shared/guests");

  private static Outcome run(byte[] wasm, String export, byte[] input, byte[] privateInput) {
    LoweredModule lowered = Lowering.lower(wasm);
    return Executor.run(
        lowered.program(),
        lowered.weights(),
        new Call(export, List.of(), input, privateInput),
        Limits.DEFAULT,
        Progress.NONE,
        Executor.NO_TRACE);
  }

  @Test
  void wordCountPrintsItsLine() throws IOException {
    Path guest = GUESTS.resolve("wordcount.wasm");
    assumeTrue(Files.exists(guest), () -> "SKIPPED: no guest program " + guest.toAbsolutePath());
    byte[] input = Files.readAllBytes(GUESTS.resolve("input.txt"));
    Outcome outcome = run(Files.readAllBytes(guest), "_start", input, new byte[0]);
    System.out.printf(
        "wordcount: %d lowered steps, ratio %.2f%n",
        outcome.steps(), (double) outcome.wasmSteps() / outcome.steps());
    assertEquals(Exit.returned(), outcome.exit());
    assertEquals(wordCount(input), new String(outcome.output(), StandardCharsets.UTF_8));
  }

  private static byte[] statisticsModule() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            WasiTest.class.getResourceAsStream("/dev/zkwasm/guests/statistics.wasm"))) {
      return in.readAllBytes();
    }
  }

  private static Outcome statistics(String unit, String readings) throws IOException {
    return run(
        statisticsModule(),
        "_start",
        unit.getBytes(StandardCharsets.UTF_8),
        readings.getBytes(StandardCharsets.UTF_8));
  }

  /** C's {@code %.6f}. */
  private static String sixPlaces(double x) {
    return new BigDecimal(x).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
  }

  /** A C program with floating-point numbers in stdio: secret readings, public statistics. */
  @Test
  void statisticsOfPrivateReadings() throws IOException {
    double[] readings = {1.5, 2.25, -3e2, 0.1, 7, 6.02214076e23 * 1e-23, 1e-7};
    String text =
        Arrays.stream(readings)
            .mapToObj(Double::toString)
            .collect(Collectors.joining(" ", "", "\n"));
    Outcome outcome = statistics("mV\n", text);
    System.out.printf(
        "statistics of %d readings: %d lowered steps%n", readings.length, outcome.steps());
    double mean = 0;
    double squares = 0;
    int n = 0;
    for (double x : readings) {
      double distance = x - mean;
      mean += distance / ++n;
      squares += distance * (x - mean);
    }
    assertEquals(Exit.returned(), outcome.exit());
    assertEquals(
        "readings 7\nmean     %s mV\nstandard deviation %s mV\nrange    -300 to 7 mV\n"
            .formatted(sixPlaces(mean), sixPlaces(Math.sqrt(squares / (n - 1)))),
        new String(outcome.output(), StandardCharsets.UTF_8));
  }

  /** A command's whole run, libraries and both inputs included, satisfies the tables. */
  @Test
  void tablesAcceptTheTraceOfACommand() throws IOException {
    Call call =
        new Call(
            "_start",
            List.of(),
            "V".getBytes(StandardCharsets.UTF_8),
            "2.5 -1".getBytes(StandardCharsets.UTF_8));
    ExecutionTrace trace =
        Executor.execute(
            Lowering.lower(statisticsModule()).program(), call, Limits.DEFAULT, Progress.NONE);
    assertEquals(Exit.returned(), trace.exit());
    WitnessBuilder.build(TableSet.STANDARD, trace).check();
  }

  @ParameterizedTest
  @CsvSource({"'', 1 2, 1", "mV, '', 2", "mV, 1 x 2, 2"})
  void statisticsExitsWithItsCode(String unit, String readings, int code) throws IOException {
    Outcome outcome = statistics(unit, readings);
    assertEquals(Exit.exited(code), outcome.exit());
    assertEquals(0, outcome.output().length);
  }

  /** What wordcount.c prints. */
  private static String wordCount(byte[] input) {
    String text = new String(input, StandardCharsets.ISO_8859_1);
    int words = 0;
    Map<String, Integer> counts = new TreeMap<>();
    for (String word : text.toLowerCase(Locale.ROOT).split("[^a-z]+")) {
      if (!word.isEmpty()) {
        words++;
        counts.merge(word, 1, Integer::sum);
      }
    }
    // The first of the most frequent words in alphabetical order.
    Integer most = Collections.max(counts.values());
    String top =
        counts.keySet().stream()
            .filter(word -> most.equals(counts.get(word)))
            .findFirst()
            .orElseThrow();
    return "lines=%d words=%d unique=%d top=%s:%d\n"
        .formatted(text.lines().count(), words, counts.size(), top, most);
  }

  /** A module whose {@code _start} calls one function, stores its answer at 0 and prints memory. */
  private static final class Command {
    private final ModuleBuilder builder = new ModuleBuilder();
    private final ModuleBuilder.Code body = ModuleBuilder.code();
    private final int write;
    private final List<ValueType> noResults = List.of();

    Command() {
      write =
          builder.importFunction(
              "zkwasm", "output_write", builder.type(List.of(I32, I32), noResults));
    }

    int wasi(String name, List<ValueType> parameters, List<ValueType> results) {
      return builder.importFunction(WASI, name, builder.type(parameters, results));
    }

    /** Stores the answer of a call at an address. */
    Command call(int address, int function, long... arguments) {
      body.i32(address);
      for (long argument : arguments) {
        body.i32((int) argument);
      }
      body.op(WasmOpcode.CALL, function).op(WasmOpcode.I32_STORE, 2, 0);
      return this;
    }

    Command word(int address, int value) {
      body.i32(address).i32(value).op(WasmOpcode.I32_STORE, 2, 0);
      return this;
    }

    Command print(int address, int length) {
      body.i32(address).i32(length).op(WasmOpcode.CALL, write);
      return this;
    }

    byte[] build() {
      builder.memory(1, 1);
      builder.exported("_start", List.of(), List.of(), List.of(), body);
      return builder.build();
    }
  }

  private static int[] words(Outcome outcome) {
    assertEquals(Exit.returned(), outcome.exit());
    int[] words = new int[outcome.output().length / 4];
    ByteBuffer.wrap(outcome.output()).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words);
    return words;
  }

  private static List<Integer> answers(Outcome outcome) {
    List<Integer> list = new ArrayList<>();
    for (int word : words(outcome)) {
      list.add(word);
    }
    return list;
  }

  private static final List<ValueType> FOUR = Collections.nCopies(4, I32);
  private static final List<ValueType> ONE = List.of(I32);

  @Test
  void readsBothInputsInPieces() {
    Command c = new Command();
    int read = c.wasi("fd_read", FOUR, ONE);
    // Vectors at 100: 3 bytes to 200, 0 bytes, 10 bytes to 203; answers from 0, sizes from 40.
    c.word(100, 200).word(104, 3).word(108, 7).word(112, 0).word(116, 203).word(120, 10);
    c.call(0, read, 0, 100, 3, 40);
    c.call(4, read, 0, 100, 3, 44);
    c.call(8, read, 0, 100, 3, 48);
    c.print(0, 12).print(40, 12).print(200, 20);
    byte[] wasm = c.build();
    Outcome outcome =
        run(
            wasm,
            "_start",
            "0123456789abcdefghij".getBytes(StandardCharsets.UTF_8),
            new byte[] {9});
    assertEquals(List.of(0, 0, 0, 13, 7, 0), answers(outcome).subList(0, 6));
    assertEquals("defghij789abc", new String(outcome.output(), 24, 13, StandardCharsets.UTF_8));

    Command d = new Command();
    read = d.wasi("fd_read", FOUR, ONE);
    d.word(100, 200).word(104, 8);
    d.call(0, read, 3, 100, 1, 40);
    d.call(4, read, 0, 100, 0, 44);
    d.call(8, read, 1, 100, 1, 48);
    d.call(12, read, 4, 100, 1, 48);
    d.print(0, 16).print(40, 8).print(200, 8);
    outcome = run(d.build(), "_start", new byte[] {1, 2}, new byte[] {5, 6, 7});
    assertEquals(List.of(0, 0, 8, 8, 3, 0, 0x070605, 0), answers(outcome));
  }

  @Test
  void writesToTheOutputOnly() {
    Command c = new Command();
    int write = c.wasi("fd_write", FOUR, ONE);
    c.word(100, 200).word(104, 2).word(108, 204).word(112, 3);
    c.word(200, 0x62610000 | 'x' << 8 | 'y').word(204, 0x00636261);
    c.call(0, write, 1, 100, 2, 40);
    c.call(4, write, 2, 100, 2, 44);
    c.call(8, write, 0, 100, 2, 48);
    c.call(12, write, 3, 100, 2, 48);
    c.print(0, 16).print(40, 12);
    Outcome outcome = run(c.build(), "_start", new byte[0], new byte[0]);
    assertEquals("yxabc", new String(outcome.output(), 0, 5, StandardCharsets.UTF_8));
    ByteBuffer rest = ByteBuffer.wrap(outcome.output(), 5, 28).order(ByteOrder.LITTLE_ENDIAN);
    for (int expected : new int[] {0, 0, 8, 8, 5, 5, 0}) {
      assertEquals(expected, rest.getInt());
    }
  }

  @Test
  void pointersOutsideTheMemoryTrap() {
    Command c = new Command();
    c.call(0, c.wasi("fd_write", FOUR, ONE), 1, 65532, 1, 0);
    assertEquals(
        Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS),
        run(c.build(), "_start", new byte[0], new byte[0]).exit());
  }

  @Test
  void randomnessIsSplitMix() {
    Command c = new Command();
    int random = c.wasi("random_get", List.of(I32, I32), ONE);
    c.call(0, random, 100, 11).call(4, random, 116, 8).call(8, random, 124, 0);
    c.print(0, 12).print(100, 32);
    Outcome outcome = run(c.build(), "_start", new byte[0], new byte[0]);
    SplittableRandom expected = new SplittableRandom(0);
    ByteBuffer bytes = ByteBuffer.wrap(outcome.output()).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(0, bytes.getLong());
    assertEquals(0, bytes.getInt());
    assertEquals(expected.nextLong(), bytes.getLong());
    assertEquals(expected.nextLong() & 0xffffff, bytes.getLong());
    assertEquals(expected.nextLong(), bytes.getLong());
    assertEquals(0, bytes.getLong());
  }

  @ParameterizedTest
  @CsvSource({
    "args_sizes_get, 200 204, 0, 0 0",
    "args_get, 200 204, 0, 7 7",
    "environ_sizes_get, 200 204, 0, 0 0",
    "environ_get, 200 204, 0, 7 7",
    "clock_res_get, 0 200, 0, 1 0",
    "clock_res_get, 4 200, 28, 7 7",
    "sched_yield, '', 0, 7 7",
    "proc_raise, 6, 52, 7 7",
    "fd_close, 3, 0, 7 7",
    "fd_close, 4, 8, 7 7",
    "fd_tell, 1 200, 70, 7 7",
    "fd_tell, 5 200, 8, 7 7",
    "fd_fdstat_get, 0 192, 0, 2 0",
    "fd_fdstat_get, 1 192, 0, 64 0",
    "fd_fdstat_get, 2 192, 0, 64 0",
    "fd_fdstat_get, 3 192, 0, 2 0",
    "fd_fdstat_get, 4 192, 8, 7 7",
    "fd_fdstat_set_flags, 1 0, 52, 7 7",
    "fd_fdstat_set_flags, 9 0, 8, 7 7",
    "fd_prestat_get, 3 200, 8, 7 7",
    "fd_prestat_dir_name, 3 200 1, 8, 7 7",
    "fd_sync, 1, 52, 7 7",
    "path_unlink_file, 3 0 0, 52, 7 7",
    "poll_oneoff, 0 0 0 0, 52, 7 7",
    "sock_shutdown, 0 0, 52, 7 7",
  })
  void answersAreFixed(String name, String arguments, int answer, String memory) {
    long[] values =
        arguments.isBlank()
            ? new long[0]
            : Arrays.stream(arguments.split(" ")).mapToLong(Long::parseLong).toArray();
    Command c = new Command();
    int function = c.wasi(name, Collections.nCopies(values.length, I32), ONE);
    c.word(200, 7).word(204, 7).call(0, function, values).print(0, 4).print(200, 8);
    List<Integer> expected = new ArrayList<>(List.of(answer));
    for (String word : memory.split(" ")) {
      expected.add(Integer.parseInt(word));
    }
    assertEquals(expected, answers(run(c.build(), "_start", new byte[0], new byte[0])));
  }

  @Test
  void clocksStandAtZero() {
    Command c = new Command();
    int clock = c.wasi("clock_time_get", List.of(I32, I64, I32), ONE);
    c.word(200, 7).word(204, 7);
    c.body.i32(0).i32(1).i64(1000).i32(200).op(WasmOpcode.CALL, clock);
    c.body.op(WasmOpcode.I32_STORE, 2, 0);
    c.print(0, 4).print(200, 8);
    assertEquals(List.of(0, 0, 0), answers(run(c.build(), "_start", new byte[0], new byte[0])));
  }

  @Test
  void seekingIsRefused() {
    Command c = new Command();
    int seek = c.wasi("fd_seek", List.of(I32, I64, I32, I32), ONE);
    for (int fd : new int[] {0, 4}) {
      c.body.i32(fd).i32(fd).i64(0).i32(1).i32(200).op(WasmOpcode.CALL, seek);
      c.body.op(WasmOpcode.I32_STORE, 2, 0);
    }
    c.print(0, 8);
    assertEquals(List.of(70, 8), answers(run(c.build(), "_start", new byte[0], new byte[0])));
  }

  /** Also from a table, and with output before it. */
  @ParameterizedTest
  @CsvSource({"0, false", "1, false", "42, true", "-1, true"})
  void procExitEndsTheRun(int code, boolean indirect) {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
    int type = builder.type(List.of(I32), List.of());
    int exit = builder.importFunction(WASI, "proc_exit", type);
    ModuleBuilder.Code body = ModuleBuilder.code().i32(code);
    if (indirect) {
      builder.table(1).elements(0, exit);
      body.i32(0).op(WasmOpcode.CALL_INDIRECT, type, 0);
    } else {
      body.op(WasmOpcode.CALL, exit);
    }
    builder.exported("_start", List.of(), List.of(), List.of(), body.op(WasmOpcode.UNREACHABLE));
    Outcome outcome = run(builder.build(), "_start", new byte[0], new byte[0]);
    assertEquals(Exit.exited(code), outcome.exit());
  }

  /** The counters lie behind the guest's own globals. */
  @Test
  void countersAreNotTheGuestsGlobals() {
    Command c = new Command();
    int read = c.wasi("fd_read", FOUR, ONE);
    int global = c.builder.global(I32, true, 77);
    c.word(100, 200).word(104, 2).call(0, read, 0, 100, 1, 40).call(0, read, 0, 100, 1, 40);
    c.body.i32(4).op(WasmOpcode.GLOBAL_GET, global).op(WasmOpcode.I32_STORE, 2, 0);
    c.body.i32(5).op(WasmOpcode.GLOBAL_SET, global);
    c.call(0, read, 0, 100, 1, 40).print(0, 8).print(40, 4).print(200, 4);
    Outcome outcome = run(c.build(), "_start", new byte[] {1, 2, 3, 4, 5}, new byte[0]);
    assertEquals(List.of(0, 77, 1, 0x0405), answers(outcome));
  }
}

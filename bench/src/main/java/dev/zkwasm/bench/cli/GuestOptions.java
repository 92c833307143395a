package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.CallOptions;
import dev.zkwasm.cli.CliException;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Value;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** The program that is run, and the call. */
final class GuestOptions {
  /** Sorts pseudo-random numbers: bench/src/main/guests/sort.c. */
  private static final String BUILT_IN = "/dev/zkwasm/bench/guests/sort.wasm";

  private static final String EXPORT = "sort";
  private static final int MAX_MODULE = 256 << 20;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE.wasm",
      description = "a WebAssembly module (default: a built-in heap sort of --arg N numbers)")
  @Nullable Path module;

  @Mixin final CallOptions options = new CallOptions();

  /** A guest ready to run. */
  @SuppressWarnings("ArrayRecordComponent")
  record Loaded(String name, Guest guest, Call call, byte[] context, @Nullable Long expected) {
    /** Whether a run's results are those of the Java twin; null if there is none. */
    @Nullable Boolean agrees(List<Value> results) {
      return expected == null ? null : results.size() == 1 && results.getFirst().bits() == expected;
    }
  }

  /**
   * Loads the guest and makes the call.
   *
   * @param size what the built-in guest is called with, unless the user says so
   */
  Loaded load(Engine engine, Environment environment, int size) {
    Path file = module;
    if (file == null) {
      if (options.export == null) {
        options.export = EXPORT;
      }
      if (options.arguments.isEmpty()) {
        options.arguments.add(Integer.toString(size));
      }
    }
    Guest guest;
    try {
      guest = engine.load(file == null ? builtIn() : Bytes.read(file, MAX_MODULE));
    } catch (EngineException e) {
      throw new EngineException(e.kind(), file + ": " + e.getMessage(), e);
    }
    Call call = options.call(guest.program(), environment);
    String arguments =
        call.arguments().stream()
            .map(value -> value.toString().replaceFirst("^.*:", ""))
            .collect(Collectors.joining(" "));
    String name =
        "%s %s(%s)"
            .formatted(
                file == null ? "sort.wasm" : Objects.requireNonNull(file.getFileName()),
                call.export(),
                arguments);
    Long expected =
        file == null && call.export().equals(EXPORT)
            ? twin(call.arguments().getFirst().bits())
            : null;
    return new Loaded(name, guest, call, options.context(), expected);
  }

  private static byte[] builtIn() {
    try (InputStream in =
        Objects.requireNonNull(GuestOptions.class.getResourceAsStream(BUILT_IN))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the built-in guest must return. */
  private static long twin(long count) {
    if (count > 1 << 20) {
      throw CliException.badInput("the built-in guest sorts up to 1048576 numbers, not " + count);
    }
    int[] numbers = new int[(int) count];
    int x = 12345;
    for (int i = 0; i < numbers.length; i++) {
      x = x * 1664525 + 1013904223;
      numbers[i] = x ^ Integer.MIN_VALUE;
    }
    Arrays.sort(numbers);
    int hash = 0;
    for (int number : numbers) {
      hash = 31 * hash + (number ^ Integer.MIN_VALUE);
    }
    return Integer.toUnsignedLong(hash);
  }
}

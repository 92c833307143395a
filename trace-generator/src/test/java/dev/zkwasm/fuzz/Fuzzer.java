package dev.zkwasm.fuzz;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Feeds altered bytes to a reader. What the reader says is taken for a measure of where an input
 * got to: an input with an answer that was not heard before, numbers aside, is altered further, so
 * that later inputs reach what lies behind the first checks. Seeds are fixed, so a failure comes
 * again.
 */
final class Fuzzer {
  /** A reader: accepts, or refuses by one of its documented exceptions. */
  interface Reader {
    /** Reads; the answer is told apart from others. */
    String read(byte[] bytes) throws Exception;
  }

  /** More than this many inputs are not kept. */
  private static final int CORPUS = 400;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final String name;
  private final Reader reader;
  private final Set<Class<? extends Exception>> documented;
  private final List<byte[]> corpus = new ArrayList<>();
  private final Set<String> answers = new HashSet<>();
  private final Mutator mutator;

  private int executions;
  private int accepted;
  private long mostBytes;
  private long mostNanos;

  /**
   * A fuzzer.
   *
   * @param name for the report
   * @param documented the exceptions by which the reader refuses
   * @param seeds valid inputs
   */
  Fuzzer(String name, Reader reader, Set<Class<? extends Exception>> documented, byte[]... seeds) {
    this.name = name;
    this.reader = reader;
    this.documented = documented;
    this.corpus.addAll(Arrays.asList(seeds));
    this.mutator = new Mutator(name.hashCode());
  }

  /**
   * Runs and reports.
   *
   * @param count executions
   * @param allowance bytes that may be allocated whatever the input, classes loaded on the way
   *     included
   * @param perByte bytes that may be allocated for each byte of the input
   */
  void run(int count, long allowance, double perByte) {
    List<byte[]> seeds = List.copyOf(corpus);
    seeds.forEach(seed -> execute(seed, Long.MAX_VALUE, 0));
    assertTrue(accepted == seeds.size(), name + ": the seeds are not accepted: " + answers);
    mostBytes = 0;
    mostNanos = 0;
    for (int i = 0; i < count; i++) {
      byte[] input = corpus.get(mutator.below(corpus.size()));
      byte[] other = corpus.get(mutator.below(corpus.size()));
      byte[] altered = mutator.mutate(input, other);
      if (execute(altered, allowance, perByte) && corpus.size() < CORPUS) {
        corpus.add(altered);
      }
    }
    System.out.printf(
        "assurance: fuzz %-12s %6d executions, %5d accepted, %4d different answers; at most %.1f MB"
            + " and %.1f ms each%n",
        name,
        executions,
        accepted - seeds.size(),
        answers.size(),
        mostBytes / 1e6,
        mostNanos / 1e6);
  }

  /** Whether the answer is new. */
  private boolean execute(byte[] input, long allowance, double perByte) {
    long before = THREADS.getTotalThreadAllocatedBytes();
    long start = System.nanoTime();
    String answer;
    try {
      answer = "accepted: " + reader.read(input.clone());
      accepted++;
    } catch (Exception e) {
      if (documented.stream().noneMatch(d -> d.isInstance(e))) {
        throw new AssertionError(name + " on " + shown(input), e);
      }
      String message = String.valueOf(e.getMessage());
      assertTrue(
          !message.isEmpty() && !message.contains("\n"), name + " on " + shown(input) + message);
      answer = e.getClass().getSimpleName() + ": " + message;
    } catch (StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(name + " on " + shown(input), e);
    }
    long nanos = System.nanoTime() - start;
    long bytes = THREADS.getTotalThreadAllocatedBytes() - before;
    executions++;
    mostNanos = Math.max(mostNanos, nanos);
    mostBytes = Math.max(mostBytes, bytes);
    long most = allowance + (long) (perByte * input.length);
    assertTrue(
        allowance == Long.MAX_VALUE || bytes <= most,
        name + " allocated " + bytes + " bytes for " + shown(input) + answer);
    return answers.add(answer.replaceAll("[0-9]+", "#").replaceAll("'[^']*'", "'#'"));
  }

  private static String shown(byte[] input) {
    String hex = HexFormat.of().formatHex(input, 0, Math.min(input.length, 4000));
    return input.length + " bytes " + hex + ": ";
  }
}

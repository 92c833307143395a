package dev.zkwasm.cli;

import java.io.PrintStream;

/** Adds a command to {@code zkprover}; found by {@link java.util.ServiceLoader}. */
public interface CommandProvider {
  /**
   * The command.
   *
   * @param out for results
   * @param err for everything else
   * @return an object with picocli's annotations that is a {@code Callable<Integer>} giving the
   *     exit code
   */
  Object command(PrintStream out, PrintStream err);
}

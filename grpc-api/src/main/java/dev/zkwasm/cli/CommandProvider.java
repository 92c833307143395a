package dev.zkwasm.cli;

/** Adds a command to {@code zkprover}; found by {@link java.util.ServiceLoader}. */
public interface CommandProvider {
  /**
   * The command.
   *
   * @return an object with picocli's annotations that is a {@code Callable<Integer>} giving the
   *     exit code. It may throw {@link CliException} for what the user can do something about.
   */
  Object command(Environment environment);
}

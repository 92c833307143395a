package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.CommandProvider;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.compute.Backends;

/** Adds {@code bench} to the command line. */
public final class BenchProvider implements CommandProvider {
  /** Called by the service loader. */
  public BenchProvider() {}

  @Override
  public Object command(Environment environment) {
    return BenchCommand.create(environment, Backends::open);
  }
}

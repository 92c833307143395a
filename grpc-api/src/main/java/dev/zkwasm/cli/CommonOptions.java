package dev.zkwasm.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command. */
public final class CommonOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "keep reference strings, keys and caches below DIR instead of the XDG folders")
  public @Nullable Path home;

  @Option(names = "--json", description = "print one JSON object on standard output")
  public boolean json;

  @Option(names = "--quiet", description = "no progress and no estimate")
  public boolean quiet;

  /** Where files are kept. */
  public Home home(Environment environment) {
    return Home.of(home, environment.variables());
  }
}

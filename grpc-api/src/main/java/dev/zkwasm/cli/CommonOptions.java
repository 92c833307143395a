package dev.zkwasm.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command. */
final class CommonOptions {
  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "keep reference strings, keys and caches below DIR instead of the XDG folders")
  @Nullable Path home;

  @Option(names = "--json", description = "print one JSON object on standard output")
  boolean json;

  @Option(names = "--quiet", description = "no progress and no estimate")
  boolean quiet;

  Home home(Environment environment) {
    return Home.of(home, environment.variables());
  }
}

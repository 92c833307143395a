package dev.zkwasm.cli;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where files are kept between runs.
 *
 * @param data what cannot be had again without the user: imported reference strings, a node's store
 * @param cache what can be computed again: bases of the development string, keys
 */
public record Home(Path data, Path cache) {
  private static final String NAME = "zkprover";

  /** The XDG folders, or folders below the one given. */
  static Home of(@Nullable Path home, Map<String, String> variables) {
    return home == null
        ? new Home(
            xdg(variables, "XDG_DATA_HOME", ".local/share"),
            xdg(variables, "XDG_CACHE_HOME", ".cache"))
        : new Home(home.resolve("data"), home.resolve("cache"));
  }

  private static Path xdg(Map<String, String> variables, String variable, String standard) {
    String folder = variables.getOrDefault(variable, "");
    // The XDG specification: a relative path is to be ignored.
    return folder.startsWith("/")
        ? Path.of(folder, NAME)
        : Path.of(System.getProperty("user.home"), standard, NAME);
  }

  /** Reference strings. */
  public Path referenceStrings() {
    return data.resolve("srs");
  }

  /** What a node must not lose. */
  Path node() {
    return data.resolve("node");
  }

  /** The universal key. */
  public Path keys() {
    return cache.resolve("keys");
  }
}

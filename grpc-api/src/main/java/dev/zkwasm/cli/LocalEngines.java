package dev.zkwasm.cli;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.LocalEngine;
import dev.zkwasm.kzg.Srs;
import dev.zkwasm.kzg.SrsStore;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Opens the prover of this process. */
final class LocalEngines implements Engines {
  /** The setting of the virtual machine for the threads of its own pool beside the caller. */
  static final String COMMON_POOL = "java.util.concurrent.ForkJoinPool.common.parallelism";

  @Override
  public Engine open(EngineOptions options, Home home) {
    if (options.threads != null && options.threads > 0 && System.getProperty(COMMON_POOL) == null) {
      // What is no backend's work, such as verification, is done there. The setting is read when
      // the pool is first used, which nothing does before.
      System.setProperty(COMMON_POOL, String.valueOf(options.threads - 1));
    }
    Srs srs = srs(options.srs, home);
    try {
      BackendOptions backend =
          options.threads == null ? BackendOptions.defaults() : new BackendOptions(options.threads);
      return new LocalEngine(
          srs, Backends.openAll(options.backend, backend), backend.threads(), home.keys());
    } catch (BackendException | IllegalArgumentException e) {
      throw CliException.badInput(String.valueOf(e.getMessage()));
    }
  }

  /** The string whose id begins with these digits; the development one if none are given. */
  private static Srs srs(@Nullable String id, Home home) {
    SrsStore store = new SrsStore(home.referenceStrings());
    if (id == null) {
      return store.development();
    }
    String digits = id.toLowerCase(Locale.ROOT).replaceFirst("^0x", "");
    List<Srs> all;
    try {
      all = store.list();
    } catch (IOException e) {
      throw CliException.badInput(Bytes.reason(e));
    }
    List<Srs> found =
        all.stream().filter(srs -> !digits.isEmpty() && srs.id().startsWith(digits)).toList();
    if (found.size() != 1) {
      throw CliException.badInput(
          (found.isEmpty()
                  ? "there is no reference string "
                  : "there are several reference strings ")
              + id
              + " in "
              + home.referenceStrings()
              + " (zkprover srs info lists them, zkprover srs import adds one)");
    }
    return found.getFirst();
  }

  @Override
  public List<String> versions() {
    return LocalEngine.versions();
  }
}

package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import java.util.List;

/** Opens the prover. */
public interface Engines {
  /**
   * Opens it.
   *
   * @throws CliException if what the options name does not exist or cannot be used
   */
  Engine open(EngineOptions options, Home home);

  /** The versions of key, proof format and lowering, one per line. */
  List<String> versions();
}

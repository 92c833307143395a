package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Engines;
import dev.zkwasm.cli.Home;
import dev.zkwasm.engine.Engine;
import java.util.List;

/** For commands that prove nothing. */
final class NoEngines implements Engines {
  @Override
  public Engine open(EngineOptions options, Home home) {
    throw new AssertionError("no engine is needed");
  }

  @Override
  public List<String> versions() {
    return List.of();
  }
}

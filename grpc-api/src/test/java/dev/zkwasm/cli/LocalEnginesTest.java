package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

class LocalEnginesTest {
  /** With one thread verification does not take all processors either. */
  @Test
  @ResourceLock(Resources.SYSTEM_PROPERTIES)
  void theCommonPoolHasAsManyThreadsAsAreAskedFor(@TempDir Path folder) throws Exception {
    String before = System.clearProperty(LocalEngines.COMMON_POOL);
    try {
      EngineOptions options = new EngineOptions();
      options.backend = "cpu";
      options.threads = 3;
      Home home = new Home(folder.resolve("data"), folder.resolve("cache"));
      ((AutoCloseable) new LocalEngines().open(options, home)).close();
      assertEquals("2", System.getProperty(LocalEngines.COMMON_POOL));
    } finally {
      System.clearProperty(LocalEngines.COMMON_POOL);
      if (before != null) {
        System.setProperty(LocalEngines.COMMON_POOL, before);
      }
    }
  }
}

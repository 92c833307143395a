package dev.zkwasm.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import jcuda.driver.JCudaDriver;

/**
 * Puts JCuda's native library where JCuda would unpack it: under a fixed name in the temporary
 * folder, where it loads whatever lies there already. Two programs that start at once, or another
 * user's file of that name, must not make it load something else.
 */
final class JcudaLibrary {
  static final String NAME = "libJCudaDriver-12.6.0-linux-x86_64.so";

  private JcudaLibrary() {}

  /**
   * Makes sure that the file there is this program's own copy, whole.
   *
   * @throws IOException if it cannot be written, such as over another user's file
   */
  static void prepare() throws IOException {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    Path file = folder.resolve(NAME);
    byte[] library;
    try (InputStream in = JCudaDriver.class.getResourceAsStream("/lib/" + NAME)) {
      if (in == null) {
        throw new IOException("there is no " + NAME + " on the class path");
      }
      library = in.readAllBytes();
    }
    Path own = Files.createTempFile(folder, "jcuda", ".so");
    try {
      boolean there =
          Files.isRegularFile(file)
              && Files.getOwner(file).equals(Files.getOwner(own))
              && Arrays.equals(Files.readAllBytes(file), library);
      if (!there) {
        Files.write(own, library);
        // A program that has the old file loaded keeps it.
        Files.move(own, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      }
    } finally {
      Files.deleteIfExists(own);
    }
  }
}

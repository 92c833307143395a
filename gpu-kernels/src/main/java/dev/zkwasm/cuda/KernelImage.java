package dev.zkwasm.cuda;

import dev.zkwasm.compute.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** The compiled kernels that come with the program; {@code build-kernels.sh} makes them. */
final class KernelImage {
  /** A fat binary, compressed. */
  static final String RESOURCE = "kernels.fatbin.gz";

  private KernelImage() {}

  /** The fat binary. */
  static byte[] load() {
    try (InputStream in = KernelImage.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new BackendException("the kernels are missing: " + RESOURCE);
      }
      return new GZIPInputStream(in).readAllBytes();
    } catch (IOException e) {
      throw new BackendException("the kernels cannot be read", e);
    }
  }
}

package dev.zkwasm.cuda;

import dev.zkwasm.compute.BackendException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** The compiled kernels that come with the program; {@code build-kernels.sh} makes them. */
final class KernelImage {
  /** A fat binary; the driver takes it as it is. */
  static final String RESOURCE = "kernels.fatbin";

  private KernelImage() {}

  /** The kernels that every proof needs, as a fat binary. */
  static byte[] load() {
    return read(RESOURCE)
        .orElseThrow(() -> new BackendException("the kernels are missing: " + RESOURCE));
  }

  /** The kernel of a program as a fat binary, if it was built. */
  static Optional<byte[]> ofProgram(ProgramKernel kernel) {
    return read(programResource(kernel));
  }

  /** Where the kernel of a program is, if it was built. */
  static String programResource(ProgramKernel kernel) {
    return "programs/" + kernel.symbol() + ".fatbin";
  }

  private static Optional<byte[]> read(String resource) {
    try (InputStream in = KernelImage.class.getResourceAsStream(resource)) {
      return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
    } catch (IOException e) {
      throw new BackendException("the kernels cannot be read: " + resource, e);
    }
  }
}

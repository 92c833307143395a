package dev.zkwasm.cuda;

import dev.zkwasm.prover.ProverPrograms;
import dev.zkwasm.table.StandardSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** The kernels of the standard tables' programs; {@code build-kernels.sh} writes them out. */
final class ProgramKernels {
  private ProgramKernels() {}

  /** The kernels, by the names of their programs; programs that are the same share one. */
  static Map<String, ProgramKernel> standard() {
    Map<String, ProgramKernel> kernels = new LinkedHashMap<>();
    ProverPrograms.of(StandardSystem.get())
        .forEach((name, program) -> kernels.put(name, ProgramKernel.of(program)));
    return kernels;
  }

  /**
   * Writes the sources to a folder, which must exist, and says which is which.
   *
   * @param args the folder
   */
  public static void main(String[] args) throws IOException {
    Path folder = Path.of(args[0]);
    for (Map.Entry<String, ProgramKernel> entry : standard().entrySet()) {
      ProgramKernel kernel = entry.getValue();
      Files.writeString(folder.resolve(kernel.symbol() + ".cu"), kernel.source());
      System.out.println(kernel.symbol() + " " + entry.getKey());
    }
  }
}

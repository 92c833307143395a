package dev.zkwasm.isa;

import java.util.List;
import java.util.Optional;

/**
 * A lowered module: what the program and image tables commit to, and what the verifier derives the
 * initial state from. Made by the lowering only; everything in it is trusted to be a function of
 * the WebAssembly bytes and the lowering version.
 *
 * @param extensionId keccak256 of the WebAssembly bytes, 32 bytes
 * @param loweringVersion version of the lowering that made it
 * @param code the instructions; the one at index i has pc = i + 1
 * @param locations where each instruction comes from, same indices
 * @param exports what can be called
 * @param initialMemoryPages memory size at the start, in 64 KiB pages
 * @param image cells with a nonzero initial value, strictly ascending by {@link ImageCell#key()}
 */
public record Program(
    byte[] extensionId,
    int loweringVersion,
    List<Instruction> code,
    List<SourceLocation> locations,
    List<Export> exports,
    int initialMemoryPages,
    List<ImageCell> image) {

  /** Register cells that frames may use; a call beyond traps. */
  public static final int STACK_CELLS = 1 << 20;

  /** fp at the start. */
  public static final int FRAME_BASE = 0;

  /** Time of the first row is this; each row takes as much. */
  public static final int TIME_STEP = 4;

  /** Bytes of a WebAssembly page. */
  public static final int PAGE = 65536;

  /** Words of a WebAssembly page. */
  public static final int PAGE_WORDS = PAGE / 8;

  /**
   * A callable export.
   *
   * @param name its name
   * @param parameters types of its parameters
   * @param results types of its results
   * @param entryPc pc of its entry stub
   */
  public record Export(
      String name, List<ValueType> parameters, List<ValueType> results, int entryPc) {
    public Export {
      parameters = List.copyOf(parameters);
      results = List.copyOf(results);
    }
  }

  public Program {
    code = List.copyOf(code);
    locations = List.copyOf(locations);
    exports = List.copyOf(exports);
    image = List.copyOf(image);
    if (extensionId.length != 32) {
      throw new IllegalArgumentException(
          "extensionId has " + extensionId.length + " bytes, not 32");
    }
    if (locations.size() != code.size()) {
      throw new IllegalArgumentException("locations and code differ in size");
    }
    for (int i = 1; i < image.size(); i++) {
      if (image.get(i - 1).key() >= image.get(i).key()) {
        throw new IllegalArgumentException("image cells are not strictly ascending at " + i);
      }
    }
  }

  /** The instruction at a pc in {@code 1..code.size()}. */
  public Instruction at(int pc) {
    return code.get(pc - 1);
  }

  public SourceLocation locationOf(int pc) {
    return locations.get(pc - 1);
  }

  public Optional<Export> export(String name) {
    return exports.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  /** Words of linear memory that are there from the start. */
  public long initialMemoryWords() {
    return (long) initialMemoryPages * PAGE_WORDS;
  }
}

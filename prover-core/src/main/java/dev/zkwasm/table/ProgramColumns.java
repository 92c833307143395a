package dev.zkwasm.table;

import dev.zkwasm.air.Table;
import dev.zkwasm.isa.Flags;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Instruction;
import dev.zkwasm.isa.OpClass;
import dev.zkwasm.isa.Opcode;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * The columns that a program determines: what its digest commits to.
 *
 * @param program the program columns of the program table, in order
 * @param image the program columns of the image table, in order
 */
public record ProgramColumns(List<TypedVector> program, List<TypedVector> image) {
  public ProgramColumns {
    program = List.copyOf(program);
    image = List.copyOf(image);
  }

  /**
   * The columns of a program.
   *
   * @throws IllegalArgumentException if an instruction breaks a rule that the tables rely on; names
   *     its location
   */
  public static ProgramColumns of(Program program) {
    for (ImageCell cell : program.image()) {
      long limit =
          switch (cell.space()) {
            case MEMORY -> program.initialMemoryWords();
            case GROWN -> 0;
            // The keys above are those of words of memory below 0, and must be no cell's.
            case GLOBAL -> ImageKeys.GLOBALS;
            default -> Long.MAX_VALUE;
          };
      if (cell.address() >= limit) {
        throw new IllegalArgumentException(
            "the image has a cell of space %s at %d, where it may have none from %d on"
                .formatted(cell.space(), cell.address(), limit));
      }
    }
    for (int pc = 1; pc <= program.code().size(); pc++) {
      check(program, pc);
    }
    return new ProgramColumns(
        ProgramTable.programColumns(program), ImageTable.programColumns(program));
  }

  private static void check(Program program, int pc) {
    Instruction i = program.at(pc);
    boolean rotates = i.opcode() == Opcode.MULROT32 || i.opcode() == Opcode.MULROT64;
    if (rotates && (i.bRegister() || Long.bitCount(i.k()) != 1)) {
      // The sum of both parts of the product has no carry only for a power of two.
      throw error(program, pc, "needs a constant power of two");
    }
    boolean loads = i.opcode().opClass() == OpClass.MEM && !i.opcode().has(Flags.MEM_STORE);
    if (loads && !i.bRegister()) {
      throw error(program, pc, "loads into no register");
    }
  }

  private static IllegalArgumentException error(Program program, int pc, String message) {
    return new IllegalArgumentException(
        "pc "
            + pc
            + " ("
            + program.at(pc).opcode()
            + "), "
            + program.locationOf(pc)
            + ": "
            + message);
  }

  /** The program columns of a table; none if it is not of role PROGRAM. */
  public List<TypedVector> of(Table table) {
    return switch (table) {
      case ProgramTable t -> program;
      case ImageTable t -> image;
      default -> List.of();
    };
  }

  /** Height of the program table. */
  public int programHeight() {
    return program.getFirst().size();
  }

  /** Height of the image table. */
  public int imageHeight() {
    return image.getFirst().size();
  }
}

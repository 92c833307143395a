package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * Opens the cells of the program's image that are used, with their initial values, and takes their
 * last tuples. Provides the gaps in which other cells may be opened ({@link ImageKeys}); the zero
 * rows at the end provide (0, 0), between which there is no key.
 */
public final class ImageTable extends Table {
  // ---- columns

  private final Column space = program("space", Width.U8);
  private final Column address = program("address", Width.U32);
  private final Column lo = program("lo", Width.U32);
  private final Column hi = program("hi", Width.U32);
  private final Column valid = program("valid", Width.BIT);
  private final Column gapLow = program("gapLow", Width.U64);
  private final Column gapHigh = program("gapHigh", Width.U64);
  private final Column opened = main("opened", Width.BIT);
  private final Column finalLo = main("finalLo", Width.U32);
  private final Column finalHi = main("finalHi", Width.U32);
  private final Column time = main("time", Width.U32);
  private final Column gapMultiplicity = main("gapMultiplicity", Width.U32);

  ImageTable() {
    super("image", Role.PROGRAM);
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    cs.gatedBool(opened, valid);
    cs.send("open", Bus.MEMORY, opened, space, address, lo, hi, Expr.of(0));
    cs.receive("close", Bus.MEMORY, opened, space, address, finalLo, finalHi, time);
    cs.receive("gap", Bus.GAP, gapMultiplicity, gapLow, gapHigh);
  }

  // ---- fill

  static int height(Program program) {
    return TableInstance.heightFor(ImageKeys.gaps(program));
  }

  /** The program columns, in order. */
  static List<TypedVector> programColumns(Program program) {
    int height = height(program);
    ImageKeys keys = new ImageKeys(program);
    byte[] spaces = new byte[height];
    int[] addresses = new int[height];
    int[] low = new int[height];
    int[] high = new int[height];
    byte[] valids = new byte[height];
    long[] below = new long[height];
    long[] above = new long[height];
    for (int i = 0; i < program.image().size(); i++) {
      ImageCell cell = program.image().get(i);
      spaces[i] = (byte) cell.space().code();
      addresses[i] = (int) cell.address();
      low[i] = (int) cell.value();
      high[i] = (int) (cell.value() >>> 32);
      valids[i] = 1;
    }
    for (int j = 0; j < keys.gaps(); j++) {
      below[j] = keys.gapLow(j);
      above[j] = keys.gapHigh(j);
    }
    return List.of(
        new TypedVector.U8(spaces),
        new TypedVector.U32(addresses),
        new TypedVector.U32(low),
        new TypedVector.U32(high),
        new TypedVector.Bits(valids),
        new TypedVector.U64(below),
        new TypedVector.U64(above));
  }

  /** Fills every row. */
  void fill(Rows rows, CellMemory cells, Program program) {
    int height = height(program);
    for (int i = 0; i < height; i++) {
      rows.add();
      if (i < program.image().size()) {
        ImageCell cell = program.image().get(i);
        long accessed = cells.time(cell.space(), cell.address());
        if (accessed != 0) {
          rows.set(opened, 1);
          rows.setHalves(finalLo, finalHi, cells.value(cell.space(), cell.address()));
          rows.set(time, accessed);
        }
      }
    }
  }
}

package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowsTest {
  private static final Table TABLE = TableSet.STANDARD.table("alu");
  private static final List<Column> COLUMNS = TABLE.columns(Column.Kind.MAIN);

  private static long greatest(Column column) {
    return switch (column.width()) {
      case BIT -> 1;
      case U8 -> 0xff;
      case U16 -> 0xffff;
      case U32 -> 0xffffffffL;
      case U64, FIELD -> -1;
    };
  }

  private static long value(TypedVector vector, int row) {
    return switch (vector) {
      case TypedVector.Bits bits -> bits.values()[row] & 0xff;
      case TypedVector.U8 bytes -> bytes.values()[row] & 0xff;
      case TypedVector.U16 chars -> chars.values()[row];
      case TypedVector.U32 ints -> Integer.toUnsignedLong(ints.values()[row]);
      case TypedVector.U64 longs -> longs.values()[row];
      case TypedVector.Field field -> throw new AssertionError("a main column of " + field);
    };
  }

  /** Whatever the instances, the cells come back in order, and beyond them there are zeros. */
  @ParameterizedTest
  @CsvSource({
    "16,0",
    "16,1",
    "16,16",
    "16,17",
    "16,64",
    "16,65",
    "64,63",
    "64,64",
    "64,128",
    "64,129",
    "256,64",
    "256,65",
    "256,192",
    "256,257",
    "256,512",
    "1024,1000"
  })
  void cellsAreKept(int maximumHeight, int count) {
    Rows rows = new Rows(TableSet.STANDARD.air(TABLE), maximumHeight);
    SplittableRandom random = new SplittableRandom(count);
    List<long[]> expected = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add();
      long[] cells = new long[COLUMNS.size()];
      for (Column column : COLUMNS) {
        // Some cells are not set: they are 0.
        if (random.nextInt(3) > 0) {
          cells[column.index()] =
              random.nextBoolean() ? greatest(column) : random.nextLong() & greatest(column);
          rows.set(column, cells[column.index()]);
        }
      }
      expected.add(cells);
    }
    assertEquals(count, rows.count());
    int rest = count % maximumHeight == 0 && count > 0 ? maximumHeight : count % maximumHeight;
    List<List<TypedVector>> instances =
        rows.finish(
            last -> {
              assertEquals(rest, last);
              return last == 0 ? List.of() : List.of(TableInstance.heightFor(last));
            });
    int row = 0;
    for (List<TypedVector> instance : instances) {
      for (int i = 0; i < instance.getFirst().size(); i++, row++) {
        for (Column column : COLUMNS) {
          long cell = row < count ? expected.get(row)[column.index()] : 0;
          assertEquals(cell, value(instance.get(column.index()), i), column + ", row " + row);
        }
      }
    }
    assertTrue(row >= count, "rows are missing");
  }

  @Test
  void valuesThatDoNotFitAreRefused() {
    for (Column column : COLUMNS) {
      if (column.width() != Column.Width.U64) {
        Rows rows = new Rows(TableSet.STANDARD.air(TABLE), 1 << 10);
        for (int i = 0; i < 70; i++) {
          rows.add();
          rows.set(column, i == 67 ? greatest(column) + 1 : 1);
        }
        IllegalStateException error =
            assertThrows(IllegalStateException.class, () -> rows.finish(rest -> List.of(128)));
        assertEquals(
            "table alu, row 67, column %s cannot hold %d".formatted(column, greatest(column) + 1),
            error.getMessage());
      }
    }
  }
}

package dev.zkwasm.lower;

import dev.zkwasm.isa.ImageCell;
import dev.zkwasm.isa.Space;
import dev.zkwasm.wasm.CodeReader;
import dev.zkwasm.wasm.Module;
import dev.zkwasm.wasm.ModuleException;
import dev.zkwasm.wasm.ModuleReader;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where tables and passive segments lie in the space TABLE: one after the other, tables, element
 * segments, data segments, each with as many cells as it can ever have. Only what some instruction
 * reads or writes there has cells. A size that changes is kept in a global after those of the
 * module and of the libraries.
 */
final class TableSpace {
  private static final long CELLS = 1L << 32;

  /**
   * A table or a passive segment.
   *
   * @param base address of its first cell
   * @param size its size at the start: elements, or bytes of a data segment
   * @param limit elements that it can have at most
   * @param sizeGlobal the global that holds its size, or -1 if that never changes
   */
  record Region(long base, long size, long limit, int sizeGlobal) {
    boolean isConstant() {
      return sizeGlobal < 0;
    }
  }

  private final Module module;
  private final Region[] tables;
  private final Region[] elements;
  private final Region[] data;

  // What instructions do, by index.
  private final BitSet readTables = new BitSet();
  private final BitSet writtenTables = new BitSet();
  private final BitSet grownTables = new BitSet();
  private final BitSet readElements = new BitSet();
  private final BitSet droppedElements = new BitSet();
  private final BitSet readData = new BitSet();
  private final BitSet droppedData = new BitSet();

  private long nextCell;
  private int nextGlobal;

  TableSpace(Module module) {
    this.module = module;
    for (Module.Function function : module.functions()) {
      if (function.imported() == null) {
        CodeReader code = module.code(function);
        while (code.next()) {
          note(code);
        }
      }
    }
    nextGlobal = module.globals().size() + Lowering.RESERVED_GLOBALS;
    tables = new Region[module.tables().size()];
    for (int i = 0; i < tables.length; i++) {
      Module.Table table = module.tables().get(i);
      boolean grown = grownTables.get(i);
      long limit = grown ? Math.min(table.maximum(), ModuleReader.MAX_TABLE) : table.minimum();
      tables[i] = region(hasCells(i) ? limit : 0, table.minimum(), limit, grown);
    }
    elements = new Region[module.elements().size()];
    for (int i = 0; i < elements.length; i++) {
      Module.Elements segment = module.elements().get(i);
      // Active and declarative segments are dropped from the start.
      long size =
          readElements.get(i) && segment.mode() == Module.Mode.PASSIVE
              ? segment.functions().size()
              : 0;
      elements[i] = region(size, size, size, size > 0 && droppedElements.get(i));
    }
    data = new Region[module.data().size()];
    for (int i = 0; i < data.length; i++) {
      Module.Data segment = module.data().get(i);
      long size = readData.get(i) && segment.mode() == Module.Mode.PASSIVE ? segment.size() : 0;
      data[i] = region((size + 7) / 8, size, size, size > 0 && droppedData.get(i));
    }
    if (nextCell > CELLS) {
      throw new ModuleException(
          "tables and passive segments can have "
              + nextCell
              + " elements together, the limit is "
              + CELLS
              + "; declare smaller maximum sizes of tables");
    }
  }

  private Region region(long cells, long size, long limit, boolean changes) {
    Region region = new Region(nextCell, size, limit, changes ? nextGlobal++ : -1);
    nextCell += cells;
    return region;
  }

  private void note(CodeReader code) {
    switch (code.opcode()) {
      case TABLE_GET -> readTables.set(code.index());
      case TABLE_SET, TABLE_FILL -> writtenTables.set(code.index());
      case TABLE_GROW -> {
        writtenTables.set(code.index());
        grownTables.set(code.index());
      }
      case TABLE_COPY -> {
        writtenTables.set(code.index());
        readTables.set((int) code.value());
      }
      case TABLE_INIT -> {
        readElements.set(code.index());
        writtenTables.set((int) code.value());
      }
      case ELEM_DROP -> droppedElements.set(code.index());
      case MEMORY_INIT -> readData.set(code.index());
      case DATA_DROP -> droppedData.set(code.index());
      default -> {}
    }
  }

  Region table(int index) {
    return tables[index];
  }

  Region elements(int index) {
    return elements[index];
  }

  Region data(int index) {
    return data[index];
  }

  /** Whether some instruction can change the table. */
  boolean changes(int table) {
    return writtenTables.get(table);
  }

  private boolean hasCells(int table) {
    return readTables.get(table) || writtenTables.get(table);
  }

  /** Adds the sizes that can change. */
  void addSizes(List<ImageCell> image) {
    for (Region[] regions : new Region[][] {tables, elements, data}) {
      for (Region region : regions) {
        if (!region.isConstant() && region.size != 0) {
          image.add(new ImageCell(Space.GLOBAL, region.sizeGlobal, region.size));
        }
      }
    }
  }

  /** Adds the cells that are not 0; later active segments overwrite earlier ones. */
  void addCells(List<ImageCell> image) {
    Map<Long, Long> cells = new TreeMap<>();
    for (int i = 0; i < elements.length; i++) {
      Module.Elements segment = module.elements().get(i);
      if (segment.mode() == Module.Mode.ACTIVE && hasCells(segment.table())) {
        addElements(cells, tables[segment.table()].base + segment.offset(), segment);
      } else if (elements[i].size > 0) {
        addElements(cells, elements[i].base, segment);
      }
    }
    for (int i = 0; i < data.length; i++) {
      int start = module.data().get(i).start();
      for (int j = 0; j < data[i].size; j++) {
        long value = (module.bytes()[start + j] & 0xffL) << 8 * (j & 7);
        cells.merge(data[i].base + j / 8, value, (old, more) -> old | more);
      }
    }
    cells.forEach(
        (address, value) -> {
          if (value != 0) {
            image.add(new ImageCell(Space.TABLE, address, value));
          }
        });
  }

  private static void addElements(Map<Long, Long> cells, long base, Module.Elements segment) {
    for (int j = 0; j < segment.functions().size(); j++) {
      cells.put(base + j, segment.functions().get(j) + 1L);
    }
  }
}

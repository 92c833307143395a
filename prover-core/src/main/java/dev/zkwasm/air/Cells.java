package dev.zkwasm.air;

import dev.zkwasm.field.Fr;

/** The cells of a table instance: what constraints and interactions are evaluated on. */
public interface Cells {
  /** Rows, a power of two. */
  int height();

  /** The cell of a column, of any kind, in a row from 0 to {@link #height()} - 1. */
  Fr cell(Column column, int row);
}

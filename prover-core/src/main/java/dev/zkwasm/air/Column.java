package dev.zkwasm.air;

/**
 * A column of a table, and as an expression its cell in the current row. Identity is by instance: a
 * table makes its columns once.
 */
public final class Column implements Expr {
  /** Who commits to a column and when. */
  public enum Kind {
    /** Part of the universal key. */
    FIXED,
    /** Committed once per program. */
    PROGRAM,
    /** Committed by the prover in round 1. */
    MAIN,
    /** Public; evaluated by the verifier. */
    INSTANCE
  }

  /**
   * Range that honest values of a column fit; it chooses storage and MSM kind and proves nothing.
   */
  public enum Width {
    BIT,
    U8,
    U16,
    U32,
    U64,
    FIELD
  }

  private final String name;
  private final Kind kind;
  private final Width width;
  private final int index;

  Column(String name, Kind kind, Width width, int index) {
    this.name = name;
    this.kind = kind;
    this.width = width;
    this.index = index;
  }

  public String name() {
    return name;
  }

  public Kind kind() {
    return kind;
  }

  public Width width() {
    return width;
  }

  /** Position among the columns of the same kind in the table. */
  public int index() {
    return index;
  }

  /** The cell of the next row. */
  public Expr next() {
    return new Next(this);
  }

  @Override
  public <T> T in(Algebra<T> algebra) {
    return algebra.cell(this, false);
  }

  @Override
  public String toString() {
    return name;
  }
}

package dev.zkwasm.table;

import dev.zkwasm.poly.TypedVector;
import java.util.List;

/** The instance columns of the public table: known to the verifier from the public input. */
public final class PublicColumns {
  private PublicColumns() {}

  /** Height of the public table: the smallest power of two not below max(16, 1 + words). */
  public static int height(byte[] publicInput) {
    return new InputWords("public", publicInput).height();
  }

  /** The columns i, lo, hi: row i holds i and word i. */
  public static List<TypedVector> of(byte[] publicInput) {
    InputWords words = new InputWords("public", publicInput);
    int[] i = new int[words.height()];
    int[] lo = new int[words.height()];
    int[] hi = new int[words.height()];
    for (int row = 0; row < words.height(); row++) {
      i[row] = row;
      long word = row < words.count() ? words.word(row) : 0;
      lo[row] = (int) word;
      hi[row] = (int) (word >>> 32);
    }
    return List.of(new TypedVector.U32(i), new TypedVector.U32(lo), new TypedVector.U32(hi));
  }
}

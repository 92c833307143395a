package dev.zkwasm.field;

/**
 * What is slow to find and quick to check in {@link Fq}, for many elements at once. Whoever asks
 * checks every answer by a multiplication, so the answers may come from code that is not trusted,
 * such as a processor's vector units; a wrong one only costs time.
 *
 * <p>Elements are packed as in {@link PrimeField}. Answers are canonical. May be asked by several
 * threads at once.
 */
public interface FieldHints {
  /** Never has an answer. */
  FieldHints NONE =
      new FieldHints() {
        @Override
        public boolean roots(long[] elements, int count) {
          return false;
        }

        @Override
        public boolean quotients(long[] numerators, long[] denominators, int count) {
          return false;
        }
      };

  /**
   * Replaces the first {@code count} elements by square roots of them, and by anything where there
   * is none.
   *
   * @return false if there is no answer
   */
  boolean roots(long[] elements, int count);

  /**
   * Replaces the first {@code count} numerators by their quotients, and by anything where the
   * denominator is zero. The denominators may be used as scratch.
   *
   * @return false if there is no answer
   */
  boolean quotients(long[] numerators, long[] denominators, int count);
}

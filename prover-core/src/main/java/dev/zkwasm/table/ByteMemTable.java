package dev.zkwasm.table;

import static dev.zkwasm.isa.Flags.MEM_SIZE1;
import static dev.zkwasm.isa.Flags.MEM_SIZE2;
import static dev.zkwasm.isa.Flags.MEM_SIZE4;
import static dev.zkwasm.isa.Flags.MEM_SIZE8;
import static dev.zkwasm.isa.Flags.MEM_STORE;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Space;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Class MEM, accesses at any byte: within one word (any size), or over two words (more than one
 * byte). Words and value are cut into bytes; flags say at which offset the access begins.
 */
public final class ByteMemTable extends LoadStoreTable {
  private static final int WORD = 8;

  // ---- columns

  private final int words;

  /** The sizes served and their flags. */
  private final int[] sizes;

  private final Column[] sizeFlags;

  /** Flag for each offset but the least, whose flag is what the others leave of the active flag. */
  private final Column[] offsetFlags;

  private final int leastOffset;
  private final Column[] oldBytes;
  private final Column[] valueBytes = limbs("valueByte", WORD, Width.U8);
  private final Column[] newHalves;
  private final Column[] wordPrevious;

  /** For each word, whether it lies beyond the initial memory: which space it is in. */
  private final Column[] grown;

  ByteMemTable(String name, int words) {
    super(name, words, true);
    this.words = words;
    boolean crossing = words == 2;
    sizes = crossing ? new int[] {2, 4, 8} : new int[] {1, 2, 4, 8};
    sizeFlags = new Column[sizes.length];
    Arrays.setAll(sizeFlags, i -> flag("size" + sizes[i], flagOf(sizes[i])));
    leastOffset = crossing ? 1 : 0;
    offsetFlags = new Column[WORD - 1 - leastOffset];
    Arrays.setAll(offsetFlags, i -> main("offset" + (leastOffset + 1 + i), Width.BIT));
    oldBytes = limbs("oldByte", WORD * words, Width.U8);
    newHalves = limbs("newHalf", 2 * words, Width.U32);
    wordPrevious = new Column[words];
    Arrays.setAll(wordPrevious, i -> previous("word" + i));
    grown = limbs("grown", words, Width.BIT);
  }

  private static int flagOf(int size) {
    return switch (size) {
      case 1 -> MEM_SIZE1;
      case 2 -> MEM_SIZE2;
      case 4 -> MEM_SIZE4;
      case 8 -> MEM_SIZE8;
      default -> throw new IllegalArgumentException("no access has " + size + " bytes");
    };
  }

  // ---- constrain

  @Override
  public void constrain(ConstraintBuilder cs) {
    Expr[] at = offsets();
    Expr load = active.minus(store);
    booleans(cs, Stream.of(offsetFlags, grown).flatMap(Arrays::stream).toArray(Column[]::new));
    cs.zero(
        "offset" + leastOffset + " is boolean", at[leastOffset].times(at[leastOffset].minus(1)));
    if (words == 1) {
      for (int s = 0; s < sizes.length; s++) {
        if (sizes[s] > 1) {
          Expr[] beyond = Arrays.copyOfRange(at, WORD - sizes[s] + 1, WORD);
          cs.zero("size" + sizes[s] + " stays in the word", sizeFlags[s].times(Expr.sum(beyond)));
        }
      }
    }
    for (int i = 0; i < WORD; i++) {
      // Byte i of what is at the offset, or 0 beyond the size.
      List<Expr> picked = new ArrayList<>();
      for (int o = leastOffset; o < WORD && o + i < oldBytes.length; o++) {
        picked.add(at[o].times(oldBytes[o + i]));
      }
      cs.zero(
          "load: byte " + i,
          load.times(valueBytes[i].minus(inSize(i).times(Expr.sum(picked.toArray(Expr[]::new))))));
    }
    for (int h = 0; h < newHalves.length; h++) {
      Expr[] bytes = new Expr[4];
      for (int j = 0; j < 4; j++) {
        bytes[j] = newByte(at, 4 * h + j);
      }
      cs.equal("half " + h + " after the access", newHalves[h], Expr.compose(8, bytes));
    }

    Expr offset = Expr.of(0);
    for (int o = 1; o < WORD; o++) {
      offset = offset.plus(at[o].times(o));
    }
    fetchAndAddress(cs, offset);
    for (int w = 0; w < words; w++) {
      accessWord(
          cs,
          "word " + w,
          w,
          space(Space.MEMORY).plus(grown[w].times(Space.GROWN.code() - Space.MEMORY.code())),
          wordPrevious[w],
          new Expr[] {half(oldBytes, 2 * w), half(oldBytes, 2 * w + 1)},
          new Expr[] {newHalves[2 * w], newHalves[2 * w + 1]});
    }
    accessB(cs, half(valueBytes, 0), half(valueBytes, 1));
    pairs(cs, "old", active, oldBytes);
    inBounds(cs);
    // A loaded value is made of bytes of the word; a stored one is cut here, what is discarded too.
    pairs(cs, "value", store, valueBytes);
  }

  /** The offset flags by offset; entries below the least offset are 0. */
  private Expr[] offsets() {
    Expr[] at = new Expr[WORD];
    Arrays.fill(at, Expr.of(0));
    Expr rest = active;
    for (int i = 0; i < offsetFlags.length; i++) {
      at[leastOffset + 1 + i] = offsetFlags[i];
      rest = rest.minus(offsetFlags[i]);
    }
    at[leastOffset] = rest;
    return at;
  }

  /** 1 if the access has more than i bytes. */
  private Expr inSize(int i) {
    List<Expr> larger = new ArrayList<>();
    for (int s = 0; s < sizes.length; s++) {
      if (sizes[s] > i) {
        larger.add(sizeFlags[s]);
      }
    }
    return Expr.sum(larger.toArray(Expr[]::new));
  }

  /** Byte j of the words after the access: a store puts value byte j - o there if it has one. */
  private Expr newByte(Expr[] at, int j) {
    List<Expr> changes = new ArrayList<>();
    for (int o = Math.max(leastOffset, j - WORD + 1); o < WORD && o <= j; o++) {
      changes.add(at[o].times(inSize(j - o)).times(valueBytes[j - o].minus(oldBytes[j])));
    }
    return oldBytes[j].plus(store.times(Expr.sum(changes.toArray(Expr[]::new))));
  }

  private static void pairs(ConstraintBuilder cs, String label, Expr multiplicity, Column[] bytes) {
    for (int i = 0; i < bytes.length; i += 2) {
      cs.send(
          label + " bytes " + i + " and " + (i + 1),
          Bus.PAIR,
          multiplicity,
          bytes[i],
          bytes[i + 1]);
    }
  }

  private static Expr half(Column[] bytes, int half) {
    return Expr.compose(8, Arrays.copyOfRange(bytes, 4 * half, 4 * half + 4));
  }

  // ---- fill

  @Override
  boolean serves(Step step) {
    long end = (address(step) & (WORD - 1)) + step.instruction().opcode().accessSize();
    return inBounds(step) && end > WORD == (words == 2);
  }

  @Override
  void fill(Rows rows, Step step) {
    long value = fillAddress(rows, step);
    long at = address(step) >>> 3;
    int offset = (int) address(step) & (WORD - 1);
    int size = step.instruction().opcode().accessSize();
    boolean storing = step.instruction().opcode().has(MEM_STORE);
    long loaded = 0;
    if (offset > leastOffset) {
      rows.set(offsetFlags[offset - leastOffset - 1], 1);
    }
    for (int w = 0; w < words; w++) {
      Space space = step.spaceOfWord(at + w);
      long old = step.value(space, at + w);
      rows.set(grown[w], space == Space.GROWN);
      long now = old;
      for (int j = 0; j < WORD; j++) {
        int i = WORD * w + j - offset;
        if (i >= 0 && i < size) {
          loaded |= (old >>> (8 * j) & 0xff) << (8 * i);
          if (storing) {
            now = now & ~(0xffL << (8 * j)) | (value >>> (8 * i) & 0xff) << (8 * j);
          }
        }
      }
      rows.setLimbs(8, old, Arrays.copyOfRange(oldBytes, WORD * w, WORD * w + WORD));
      rows.setHalves(newHalves[2 * w], newHalves[2 * w + 1], now);
      fillAccess(rows, step, wordPrevious[w], space, at + w, 2, now);
    }
    rows.setLimbs(8, storing ? value : loaded, valueBytes);
    if (!storing) {
      fillLoaded(rows, step, loaded);
    }
  }
}

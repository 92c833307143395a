package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Column.Width;
import dev.zkwasm.air.ConstraintBuilder;
import dev.zkwasm.air.Expr;
import dev.zkwasm.air.Selector;
import dev.zkwasm.air.Table;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.bus.Bus;
import dev.zkwasm.isa.Program;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.transcript.Keccak256;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A machine of tiny tables that has one of everything that a proof system can have: each role, each
 * kind of column, each selector, uses of the next row, degree 4, helpers of one, two and three
 * interactions. An instruction at index i is {@code (pc = i + 1, operation, d, kLo)}; operations:
 *
 * <ul>
 *   <li>1: {@code v = kLo} is looked up as a byte and cubed
 *   <li>2: end, returned
 *   <li>3, 4, 5: argument d is taken, result d given, output byte d written
 *   <li>6: public word d is read
 * </ul>
 */
final class ToySystem {
  static final int BYTES_LOG = 5;

  final Step step = new Step();
  final Host host = new Host();
  final End end = new End();
  final Sums sums = new Sums();
  final Notes notes = new Notes();
  final Image image = new Image();
  final Code code = new Code();
  final Words words = new Words();
  final Bytes bytes = new Bytes();
  final Spare spare = new Spare();

  final List<Air> airs;
  final ConstraintSystem system;

  ToySystem() {
    airs =
        List.of(step, host, end, sums, notes, image, code, words, bytes, spare).stream()
            .map(Air::of)
            .toList();
    byte[] digest = Keccak256.hash("toy constraints".getBytes(StandardCharsets.US_ASCII));
    system = new ConstraintSystem(airs, digest, new Known());
  }

  /** State and fetch, as every instruction table has them. */
  abstract static class Steps extends Table {
    final Column e = main("e", Width.BIT);
    final Column pc = main("pc", Width.U32);
    final Column fp = main("fp", Width.U32);
    final Column time = main("time", Width.U32);
    final Column pages = main("pages", Width.U32);

    Steps(String name) {
      super(name, Role.INSTRUCTION);
    }

    void state(ConstraintBuilder cs, Expr operation, Expr d, Expr kLo) {
      cs.bool(e);
      cs.receive("state", Bus.EXEC, e, pc, fp, time, pages);
      Expr zero = Expr.of(0);
      cs.send("fetch", Bus.PROGRAM, e, pc, operation, d, zero, zero, kLo, zero);
    }

    void next(ConstraintBuilder cs) {
      cs.send("next state", Bus.EXEC, e, pc.plus(1), fp, time.plus(4), pages);
    }
  }

  static final class Step extends Steps {
    final Column v = main("v", Width.U8);
    final Column cube = main("cube", Width.U32);

    Step() {
      super("step");
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      state(cs, Expr.of(1), Expr.of(0), v);
      next(cs);
      cs.send("byte", Bus.RANGE16, e, v);
      cs.equal("cube", cube, e.times(v).times(v).times(v));
      cs.constrain("active rows first", Selector.TRANSITION, e.not().times(e.next()));
      cs.constrain("nothing follows the last", Selector.LAST, e.not().times(v).times(e.not()));
    }
  }

  static final class Host extends Steps {
    final Column isArgument = main("isArgument", Width.BIT);
    final Column isResult = main("isResult", Width.BIT);
    final Column isOutput = main("isOutput", Width.BIT);
    final Column isPublic = main("isPublic", Width.BIT);
    final Column index = main("index", Width.U32);
    final Column lo = main("lo", Width.U32);
    final Column hi = main("hi", Width.U32);

    Host() {
      super("host");
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      Expr operation =
          Expr.sum(isArgument.times(3), isResult.times(4), isOutput.times(5), isPublic.times(6));
      state(cs, operation, index, Expr.of(0));
      next(cs);
      for (Column flag : List.of(isArgument, isResult, isOutput, isPublic)) {
        cs.bool(flag);
      }
      cs.equal("one kind", Expr.sum(isArgument, isResult, isOutput, isPublic), e);
      cs.receive("argument", Bus.ARGUMENT, isArgument, index, lo, hi);
      cs.send("result", Bus.RESULT, isResult, index, lo, hi);
      cs.send("output", Bus.OUTPUT, isOutput, index, lo);
      cs.send("word", Bus.PUBLIC, isPublic, index, lo, hi);
    }
  }

  static final class End extends Steps {
    final Column outputs = main("outputs", Width.U32);

    End() {
      super("exit");
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      state(cs, Expr.of(2), outputs, Expr.of(0));
      Expr zero = Expr.of(0);
      cs.send("exit", Bus.EXIT, e, zero, zero, outputs, time.plus(4));
    }
  }

  /** {@code sum} is the running sum of x, and x is 0 in the last row. */
  static final class Sums extends Table {
    final Column x = main("x", Width.U16);
    final Column sum = main("sum", Width.FIELD);

    Sums() {
      super("sums", Role.SINGLE);
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.constrain("start", Selector.FIRST, sum.minus(x));
      cs.constrain("add", Selector.TRANSITION, sum.next().minus(sum).minus(x.next()));
      cs.constrain("end", Selector.LAST, x);
    }
  }

  /** May be there or not; has neither interactions nor helpers. */
  static final class Notes extends Table {
    final Column b = main("b", Width.BIT);

    Notes() {
      super("notes", Role.OPTIONAL);
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.bool(b);
    }
  }

  static final class Image extends Table {
    final Column low = program("low", Width.U64);
    final Column multiplicity = main("multiplicity", Width.U32);

    Image() {
      super("image", Role.PROGRAM);
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.receive("gap", Bus.GAP, multiplicity, low, low.plus(1));
    }
  }

  static final class Code extends Table {
    final Column pc = program("pc", Width.U32);
    final Column operation = program("operation", Width.U8);
    final Column d = program("d", Width.U32);
    final Column kLo = program("kLo", Width.U32);
    final Column multiplicity = main("multiplicity", Width.U32);

    Code() {
      super("program", Role.PROGRAM);
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      Expr zero = Expr.of(0);
      cs.receive("instruction", Bus.PROGRAM, multiplicity, pc, operation, d, zero, zero, kLo, zero);
    }
  }

  static final class Words extends Table {
    final Column i = instance("i", Width.U32);
    final Column lo = instance("lo", Width.U32);
    final Column hi = instance("hi", Width.U32);
    final Column multiplicity = main("multiplicity", Width.U32);

    Words() {
      super("public", Role.PUBLIC);
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.receive("word", Bus.PUBLIC, multiplicity, i, lo, hi);
    }
  }

  static final class Bytes extends Table {
    final Column x = fixed("x", Width.U8);
    final Column multiplicity = main("multiplicity", Width.U32);

    Bytes() {
      super("bytes", Role.FIXED);
    }

    @Override
    public int fixedHeight() {
      return 1 << BYTES_LOG;
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.receive("byte", Bus.RANGE16, multiplicity, x);
    }
  }

  /** A fixed table that may be left out. */
  static final class Spare extends Table {
    final Column x = fixed("x", Width.U8);
    final Column y = fixed("y", Width.U8);
    final Column multiplicity = main("multiplicity", Width.U32);

    Spare() {
      super("spare", Role.FIXED);
    }

    @Override
    public int fixedHeight() {
      return 16;
    }

    @Override
    public void constrain(ConstraintBuilder cs) {
      cs.receive("pair", Bus.PAIR, multiplicity, x, y);
    }
  }

  private final class Known implements ConstraintSystem.KnownColumns {
    @Override
    public List<TypedVector> fixed(Table table) {
      byte[] rows = new byte[table.fixedHeight()];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = (byte) i;
      }
      TypedVector column = new TypedVector.U8(rows);
      return table == bytes ? List.of(column) : List.of(column, column);
    }

    @Override
    public List<TypedVector> program(Table table, Program program) {
      int size = program.code().size();
      if (table == image) {
        long[] low = new long[16];
        low[0] = size;
        return List.of(new TypedVector.U64(low));
      }
      int height = TableInstance.heightFor(size);
      int[] pcs = new int[height];
      byte[] operations = new byte[height];
      int[] ds = new int[height];
      int[] ks = new int[height];
      for (int i = 0; i < size; i++) {
        pcs[i] = i + 1;
        operations[i] = (byte) ToyProgram.operation(program.code().get(i));
        ds[i] = program.code().get(i).d();
        ks[i] = (int) program.code().get(i).k();
      }
      return List.of(
          new TypedVector.U32(pcs),
          new TypedVector.U8(operations),
          new TypedVector.U32(ds),
          new TypedVector.U32(ks));
    }

    @Override
    public List<TypedVector> instance(Table table, byte[] publicInput) {
      int count = 1 + Math.ceilDiv(publicInput.length, 8);
      int height = TableInstance.heightFor(count);
      int[] index = new int[height];
      int[] lo = new int[count];
      int[] hi = new int[count];
      for (int i = 0; i < height; i++) {
        index[i] = i;
      }
      for (int i = 0; i < count; i++) {
        long word = ToyProgram.word(publicInput, i);
        lo[i] = (int) word;
        hi[i] = (int) (word >>> 32);
      }
      return new ArrayList<>(
          List.of(new TypedVector.U32(index), new TypedVector.U32(lo), new TypedVector.U32(hi)));
    }
  }
}

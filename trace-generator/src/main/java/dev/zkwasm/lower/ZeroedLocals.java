package dev.zkwasm.lower;

import dev.zkwasm.wasm.CodeReader;
import dev.zkwasm.wasm.Module;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the locals that may be read before they are written, by one forward pass of definite
 * assignment: a local counts as written at a point if every path to it writes the local. The edge
 * back to a loop's start adds nothing, for whatever is written where the loop is entered stays
 * written. Only these locals are zeroed at the function's entry.
 */
final class ZeroedLocals {
  /** With more locals than this all are zeroed, so that nothing large is copied at each block. */
  private static final int LIMIT = 1024;

  /**
   * One open block.
   *
   * @param loop a branch to it goes back
   */
  private static final class Frame {
    final boolean loop;

    /**
     * For an {@code if} whose {@code else} was not met yet: what is written where it starts. Null
     * where unreachable.
     */
    @Nullable BitSet otherwise;

    /** What is written on every branch to its end so far; null: none yet. */
    @Nullable BitSet exit;

    Frame(boolean loop) {
      this.loop = loop;
    }
  }

  private ZeroedLocals() {}

  /** The locals (parameters excluded) to zero, ascending. */
  static BitSet of(Module module, Module.Function function) {
    int parameters = function.type().parameters().size();
    int locals = parameters + function.locals();
    BitSet zeroed = new BitSet();
    if (function.locals() == 0) {
      return zeroed;
    }
    if (locals > LIMIT) {
      zeroed.set(parameters, locals);
      return zeroed;
    }
    List<Frame> frames = new ArrayList<>();
    frames.add(new Frame(false));
    @Nullable BitSet written = new BitSet();
    written.set(0, parameters);
    CodeReader code = module.code(function);
    while (code.next()) {
      switch (code.opcode()) {
        case LOCAL_GET -> {
          if (written != null && !written.get(code.index())) {
            zeroed.set(code.index());
          }
        }
        case LOCAL_SET, LOCAL_TEE -> {
          if (written != null) {
            written.set(code.index());
          }
        }
        case BLOCK -> frames.add(new Frame(false));
        case LOOP -> frames.add(new Frame(true));
        case IF -> {
          Frame frame = new Frame(false);
          frame.otherwise = copy(written);
          frames.add(frame);
        }
        case ELSE -> {
          Frame frame = frames.getLast();
          frame.exit = meet(frame.exit, written);
          written = frame.otherwise;
          frame.otherwise = null;
        }
        case END -> {
          Frame frame = frames.removeLast();
          written = meet(meet(written, frame.otherwise), frame.exit);
        }
        case BR_IF -> leave(frames, code.index(), written);
        case BR -> {
          leave(frames, code.index(), written);
          written = null;
        }
        case BR_TABLE -> {
          for (int label : code.labels()) {
            leave(frames, label, written);
          }
          written = null;
        }
        case RETURN, UNREACHABLE -> written = null;
        default -> {}
      }
    }
    return zeroed;
  }

  private static void leave(List<Frame> frames, int depth, @Nullable BitSet written) {
    Frame target = frames.get(frames.size() - 1 - depth);
    if (!target.loop) {
      target.exit = meet(target.exit, written);
    }
  }

  /** What both paths write; null is a path that is never taken. */
  private static @Nullable BitSet meet(@Nullable BitSet a, @Nullable BitSet b) {
    if (a == null) {
      return copy(b);
    }
    if (b != null) {
      a.and(b);
    }
    return a;
  }

  private static @Nullable BitSet copy(@Nullable BitSet set) {
    return set == null ? null : (BitSet) set.clone();
  }
}

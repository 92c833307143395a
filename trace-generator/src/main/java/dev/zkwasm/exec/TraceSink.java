package dev.zkwasm.exec;

import dev.zkwasm.isa.TraceBlock;

/** Receives the records of a run in order, a block at a time. */
@FunctionalInterface
public interface TraceSink {
  /**
   * Takes the records of a block: {@link TraceBlock#CAPACITY} of them, fewer when the run ends or
   * is stopped.
   *
   * @return the block to fill next: the same one, if the records are not needed any more, or
   *     another
   */
  TraceBlock take(TraceBlock block);
}

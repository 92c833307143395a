package dev.zkwasm.exec;

/** Receives the record of each step in order. */
@FunctionalInterface
public interface StepSink {
  /** One record; the values are those of {@link dev.zkwasm.isa.ExecutionTrace#add}. */
  void step(int pc, int fp, int pages, long a, long b, long result);
}

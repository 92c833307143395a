package dev.zkwasm.prover;

/** Hears how far a proof is; called on the thread that proves, often, so be quick. */
@FunctionalInterface
public interface ProgressListener {
  /** Hears nothing. */
  ProgressListener NONE = (stage, fraction) -> {};

  /**
   * Some part of a stage is done.
   *
   * @param stage the stage
   * @param fraction from 0 (it begins) to 1 (it is done)
   */
  void progress(Stage stage, double fraction);
}

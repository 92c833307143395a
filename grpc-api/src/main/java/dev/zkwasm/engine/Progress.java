package dev.zkwasm.engine;

import java.util.concurrent.CancellationException;

/**
 * Hears how far long work is. Called often, from the working thread; an implementation must be
 * quick.
 */
@FunctionalInterface
public interface Progress {
  /**
   * Some part of the work is done.
   *
   * @param stage what is being done, in a word or two
   * @param fraction part of the whole call that is done, 0 to 1, never falling
   * @throws CancellationException to stop the work; the call that reports then frees what it holds
   *     and throws the same
   */
  void report(String stage, double fraction);

  /** Hears nothing and never stops. */
  Progress NONE = (stage, fraction) -> {};
}

package dev.zkwasm.engine;

import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;
import dev.zkwasm.prover.DeviceHealth;
import dev.zkwasm.trace.HeadLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/**
 * Everything that the service and the command line ask of the prover. Thread-safe; methods that
 * take long report to a {@link Progress}, which may stop them.
 *
 * <p>All methods throw {@link EngineException} for what the caller can do something about, and
 * nothing else for bad input.
 */
public interface Engine {

  /**
   * Begins, in the background, what is done once so that proving is fast. Returns at once. For
   * processes that are going to prove.
   */
  default void warmUp() {}

  /**
   * Parses, validates and lowers a module.
   *
   * @param wasm the binary; not copied, must not change afterwards
   */
  Guest load(byte[] wasm);

  /**
   * Digest of the lowered program, 32 bytes: what a statement is about. Costs a commitment to the
   * program the first time.
   */
  byte[] programDigest(Guest guest);

  /**
   * Executes a call and records it.
   *
   * @param maxSteps the most steps; a run that needs more ends with {@link
   *     EngineException.Kind#GAS_EXCEEDED}
   */
  Run execute(Guest guest, Call call, long maxSteps, Progress progress);

  /**
   * Reads a recorded trace (.zwt) and replays it, step by step, against the program lowered from
   * the module that it embeds. Memory does not grow with its length.
   *
   * @param trace read to its end, not closed
   * @param maxSteps as in {@link #execute}
   * @param head the longest module and inputs that it may have
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  RecordedCall replay(InputStream trace, long maxSteps, HeadLimits head, Progress progress);

  /** Whether bytes claim to be a trace file. */
  boolean isTrace(byte[] bytes);

  /**
   * Executes a call and writes its trace file (.zwt) while it runs. Memory does not grow with its
   * length.
   *
   * @param context what a proof will be bound to, 32 bytes
   * @param maxSteps as in {@link #execute}
   * @param out receives the file, not closed
   * @throws IOException if it cannot be written
   */
  Outcome record(
      Guest guest, Call call, byte[] context, long maxSteps, Progress progress, OutputStream out)
      throws IOException;

  /**
   * What proving any run of so many steps takes at least: {@link #prepare} estimates no less. Known
   * before the run is in memory.
   */
  Estimate least(long steps);

  /** Fills the tables of a run. */
  Prepared prepare(Run run);

  /**
   * Proves a run.
   *
   * @param prepared the run with its tables
   * @param context what the proof is bound to, 32 bytes
   * @return a proof file (.zkp)
   */
  byte[] prove(Prepared prepared, byte[] context, Progress progress);

  /**
   * Verifies a proof file against a module. The statement that it returns is true; whether it is
   * the statement that one wanted is the caller's to compare.
   *
   * @throws EngineException of kind {@link EngineException.Kind#BAD_PROOF} if the bytes are no
   *     proof file or one of another version, of kind {@link EngineException.Kind#INVALID_PROOF} if
   *     it is damaged or does not hold for this module
   */
  StatedProof verify(Guest guest, byte[] proofFile);

  /** The devices that prove, in words. */
  String backend();

  /** The devices that were opened, and whether they are used. */
  List<DeviceHealth> devices();

  /** What this engine proves with. May compute the universal key. */
  EngineInfo info();
}

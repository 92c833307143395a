package dev.zkwasm.prover;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Statement;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A prover that does not depend on its device being right. Every proof is verified before it is
 * given out; one that fails, or a device that does, is tried once more, then that proof and all
 * later ones are computed on the CPU, and the device counts as unhealthy.
 *
 * <p>What fails on the CPU is not tried again: that is an error of the program.
 */
public final class FailoverProver implements AutoCloseable {
  private static final Logger LOG = System.getLogger(FailoverProver.class.getName());

  private final ConstraintSystem system;
  private final Committer committer;
  private final VerifyingKey key;
  private final Supplier<ComputeBackend> cpu;
  private final Prover prover;
  private @Nullable Fallback fallback;

  private record Fallback(
      ComputeBackend backend, Committer committer, Prover prover, String reason) {}

  /**
   * A prover.
   *
   * @param system the tables
   * @param committer reference string and the device's backend; stays the caller's
   * @param key the universal key of that system and string
   * @param cpu opens the CPU's backend, if it comes to that
   */
  public FailoverProver(
      ConstraintSystem system,
      Committer committer,
      VerifyingKey key,
      Supplier<ComputeBackend> cpu) {
    this.system = system;
    this.committer = committer;
    this.key = key;
    this.cpu = cpu;
    this.prover = new Prover(system, committer, key);
  }

  /**
   * Proves a statement from filled tables, as {@link Prover#prove(ProgramHeader, Statement, List,
   * ProverOptions)} does.
   *
   * @throws ProverException if the proof that comes out does not verify, on the CPU neither
   */
  public ProvingResult prove(
      ProgramHeader header,
      Statement statement,
      List<TableInstance> tables,
      ProverOptions options) {
    Fallback moved = fallback();
    if (moved != null) {
      return moved.prover.prove(header, statement, tables, options);
    }
    try {
      return prover.prove(header, statement, tables, options);
    } catch (ProverException | BackendException e) {
      if (name().equals(CpuProvider.NAME)) {
        throw e;
      }
      LOG.log(Level.WARNING, "a proof failed on {0}, trying again: {1}", name(), e.getMessage());
    }
    try {
      return prover.prove(header, statement, tables, options);
    } catch (ProverException | BackendException e) {
      return move(String.valueOf(e.getMessage())).prover.prove(header, statement, tables, options);
    }
  }

  /** Why the device is not used any more; nothing while it is. */
  public Optional<String> unhealthy() {
    return Optional.ofNullable(fallback()).map(Fallback::reason);
  }

  private String name() {
    return committer.backend().name();
  }

  private synchronized @Nullable Fallback fallback() {
    return fallback;
  }

  private synchronized Fallback move(String reason) {
    Fallback present = fallback;
    if (present == null) {
      LOG.log(
          Level.ERROR,
          "{0} is unhealthy, proving on the CPU from now on: {1}",
          committer.backend().description(),
          reason);
      ComputeBackend backend = cpu.get();
      Committer onCpu = new Committer(backend, committer.srs());
      present = new Fallback(backend, onCpu, new Prover(system, onCpu, key), reason);
      fallback = present;
    }
    return present;
  }

  /** Closes what it opened itself. */
  @Override
  public synchronized void close() {
    Fallback present = fallback;
    if (present != null) {
      present.committer.close();
      present.backend.close();
    }
  }
}

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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A prover that does not depend on its devices being right. Every proof is verified before it is
 * given out; one that fails, or a device that does, is tried once more. After a second failure the
 * device counts as unhealthy, and that proof and all later ones are computed without it: by the
 * other devices, and when there is none left on the CPU. Of a proof that does not verify nobody
 * knows which device spoiled it, so then all are unhealthy.
 *
 * <p>What fails on the CPU is not tried again: that is an error of the program.
 */
public final class FailoverProver implements AutoCloseable {
  private static final Logger LOG = System.getLogger(FailoverProver.class.getName());

  private final ConstraintSystem system;
  private final List<Committer> committers;
  private final VerifyingKey key;
  private final Supplier<ComputeBackend> cpu;
  private final List<DeviceHealth> health = new ArrayList<>();
  private Means means;
  private @Nullable Committer fallback;

  /** What proofs are computed with; it is replaced as a whole. */
  private record Means(List<Committer> devices, Prover prover) {
    boolean onCpu() {
      return devices.stream().allMatch(d -> d.backend().name().equals(CpuProvider.NAME));
    }
  }

  /**
   * A prover.
   *
   * @param system the tables
   * @param committers reference string and backend of each device; they stay the caller's
   * @param key the universal key of that system and string
   * @param cpu opens the CPU's backend, if it comes to that
   */
  public FailoverProver(
      ConstraintSystem system,
      List<Committer> committers,
      VerifyingKey key,
      Supplier<ComputeBackend> cpu) {
    this.system = system;
    this.committers = List.copyOf(committers);
    this.key = key;
    this.cpu = cpu;
    this.means = means(committers);
    committers.forEach(c -> health.add(health(c.backend(), DeviceHealth.State.HEALTHY, "")));
  }

  private Means means(List<Committer> devices) {
    return new Means(List.copyOf(devices), new Prover(system, devices, key));
  }

  private static DeviceHealth health(
      ComputeBackend backend, DeviceHealth.State state, String detail) {
    return new DeviceHealth(backend.name(), backend.description(), state, detail);
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
    while (true) {
      Means present = means();
      try {
        return present.prover.prove(header, statement, tables, options);
      } catch (ProverException | BackendException e) {
        if (present.onCpu()) {
          throw e;
        }
        LOG.log(
            Level.WARNING,
            "a proof failed on {0}, trying again: {1}",
            present.devices.getFirst().backend().name(),
            e.getMessage());
      }
      try {
        return present.prover.prove(header, statement, tables, options);
      } catch (ProverException | BackendException e) {
        giveUp(present, e);
      }
    }
  }

  /** What is known of the devices, in their order. */
  public synchronized List<DeviceHealth> devices() {
    return List.copyOf(health);
  }

  private synchronized Means means() {
    return means;
  }

  /** Goes on without what failed. */
  private synchronized void giveUp(Means failed, RuntimeException failure) {
    if (!failed.equals(means)) {
      // Another proof came to the same end before.
      return;
    }
    List<Committer> left = new ArrayList<>(failed.devices);
    List<Committer> out = blamed(failed.devices, failure);
    left.removeAll(out);
    DeviceHealth.State state =
        failure instanceof BackendException
            ? DeviceHealth.State.FAILED
            : DeviceHealth.State.INVALID_PROOF;
    for (Committer committer : out) {
      String detail = String.valueOf(failure.getMessage());
      health.set(committers.indexOf(committer), health(committer.backend(), state, detail));
      LOG.log(
          Level.ERROR,
          "{0} is unhealthy, proving {1} from now on: {2}",
          committer.backend().description(),
          left.isEmpty() ? "on the CPU" : "without it",
          detail);
    }
    if (left.isEmpty()) {
      ComputeBackend backend = cpu.get();
      fallback = new Committer(backend, committers.getFirst().srs());
      left.add(fallback);
    }
    means = means(left);
  }

  /** Those that a failure is put down to. */
  private static List<Committer> blamed(List<Committer> devices, RuntimeException failure) {
    return switch (failure) {
      case DeviceException e ->
          devices.stream().filter(d -> d.backend().equals(e.device())).toList();
      // Not in the work of an instance: that was the coordinator's.
      case BackendException e -> List.of(devices.getFirst());
      default -> devices;
    };
  }

  /** Closes what it opened itself. */
  @Override
  public synchronized void close() {
    Committer present = fallback;
    if (present != null) {
      present.close();
      present.backend().close();
    }
  }
}

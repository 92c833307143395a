package dev.zkwasm.prover;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import java.util.Arrays;
import java.util.List;

/**
 * A proof on all devices of the emulated driver, as the engine makes it; run by {@code
 * JcudaDeviceTest} in a program of its own. Prints one line per finding.
 */
public final class DriverProofTrial {
  private DriverProofTrial() {}

  /** Takes nothing. */
  public static void main(String[] args) {
    List<ComputeBackend> backends;
    try {
      backends = Backends.openAll("cuda", new BackendOptions(2));
    } catch (BackendException e) {
      System.out.println("refused: " + e.getMessage());
      return;
    }
    ToyProof toy = ToyProof.FIRST;
    List<Committer> committers =
        backends.stream().map(b -> new Committer(b, ToyProof.COMMITTER.srs())).toList();
    try (FailoverProver prover =
        new FailoverProver(
            ToyProof.TOY.system,
            committers,
            ToyProof.KEY,
            () -> Backends.open("cpu", new BackendOptions(2)))) {
      ProverOptions options = ProverOptions.DEFAULT.withSeed(ToyProof.seed(1));
      byte[] proof = prover.prove(toy.header, toy.statement, toy.run.tables(), options).proof();
      System.out.println(Arrays.equals(toy.proof, proof) ? "the same proof" : "another proof");
      prover
          .devices()
          .forEach(d -> System.out.println(d.state() + ": " + d.device() + " " + d.detail()));
    } finally {
      committers.forEach(Committer::close);
      backends.forEach(ComputeBackend::close);
    }
  }
}

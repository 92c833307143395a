package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import org.junit.jupiter.api.Test;

class ProverTest {
  @Test
  void aProofVerifies() {
    ToySystem toy = new ToySystem();
    ToyProgram run = new ToyProgram(toy, 40, 5, 4);
    try (ComputeBackend backend = Backends.open("cpu", BackendOptions.defaults());
        Committer committer = new Committer(backend, DevelopmentSrs.inMemory(8))) {
      KeyGenerator keys = new KeyGenerator(toy.system, committer);
      VerifyingKey key = keys.verifyingKey();
      ProgramKey program = keys.programKey(run.program);
      Statement statement = run.statement(program.header());
      Prover prover = new Prover(toy.system, committer, key);
      ProvingResult result =
          prover.prove(program.header(), statement, run.tables(), ProverOptions.DEFAULT);
      Verifier verifier = new Verifier(toy.system, VerifierPolicy.DEVELOPMENT);
      assertEquals(
          "valid", verifier.verify(key, program.header(), statement, result.proof()).toString());
    }
  }
}

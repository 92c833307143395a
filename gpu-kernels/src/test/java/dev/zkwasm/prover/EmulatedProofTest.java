package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.cuda.EmulatedBackend;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** A whole proof, keys included, by the GPU's kernels on the emulated grid. */
class EmulatedProofTest {
  @Test
  void keysAndProofAreThoseOfTheCpu() {
    ToyProof expected = ToyProof.FIRST;
    try (ComputeBackend backend = EmulatedBackend.open();
        Committer committer = new Committer(backend, ToyProof.COMMITTER.srs())) {
      KeyGenerator keys = new KeyGenerator(ToyProof.TOY.system, committer);
      VerifyingKey key = keys.verifyingKey();
      assertEquals(hex(ToyProof.KEY.digest()), hex(key.digest()));
      ProgramHeader header = keys.programKey(expected.run.program).header();
      assertEquals(hex(expected.header.digest()), hex(header.digest()));
      byte[] proof =
          new Prover(ToyProof.TOY.system, committer, key)
              .prove(
                  header,
                  expected.statement,
                  expected.run.tables(),
                  ProverOptions.DEFAULT.withSeed(ToyProof.seed(1)))
              .proof();
      assertArrayEquals(expected.proof, proof);
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

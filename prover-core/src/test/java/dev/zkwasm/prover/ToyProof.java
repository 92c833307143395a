package dev.zkwasm.prover;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.util.Arrays;

/** A proof of a toy run, and what is needed to verify it and to make others. Made once. */
final class ToyProof {
  static final ToySystem TOY = new ToySystem();
  static final ComputeBackend BACKEND = Backends.open("cpu", BackendOptions.defaults());
  static final Committer COMMITTER = new Committer(BACKEND, DevelopmentSrs.inMemory(8));
  static final KeyGenerator KEYS = new KeyGenerator(TOY.system, COMMITTER);
  static final VerifyingKey KEY = KEYS.verifyingKey();
  static final Verifier VERIFIER = new Verifier(TOY.system, VerifierPolicy.DEVELOPMENT);

  /** A run with step tables of heights 32 and 16, of which 40 rows are active. */
  static final ToyProof FIRST = new ToyProof(new ToyProgram(TOY, 40, 5, 4));

  /** Another run of the same program: the step table is cut otherwise. */
  static final ToyProof SECOND = new ToyProof(new ToyProgram(TOY, 40, 6));

  final ToyProgram run;
  final ProgramHeader header;
  final Statement statement;
  final byte[] proof;

  private ToyProof(ToyProgram run) {
    this.run = run;
    this.header = KEYS.programKey(run.program).header();
    this.statement = run.statement(header);
    this.proof = prove(seed(1));
  }

  static byte[] seed(int value) {
    byte[] seed = new byte[ProverOptions.SEED_BYTES];
    Arrays.fill(seed, (byte) value);
    return seed;
  }

  byte[] prove(byte[] seed) {
    return new Prover(TOY.system, COMMITTER, KEY)
        .prove(header, statement, run.tables(), ProverOptions.DEFAULT.withSeed(seed))
        .proof();
  }

  Verdict verify(byte[] bytes) {
    return VERIFIER.verify(KEY, header, statement, bytes);
  }

  Verdict verify(Statement other) {
    return VERIFIER.verify(KEY, header, other, proof);
  }
}

package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.prover.Committer;
import dev.zkwasm.prover.KeyGenerator;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.prover.ProverOptions;
import dev.zkwasm.prover.ProvingResult;
import dev.zkwasm.prover.SecondVerifier;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs of hand-made programs, proven, verified, and verified once more by the second verifier in
 * Python.
 */
class ProofTest {
  private static final int VERIFICATIONS = 20;

  private static final ConstraintSystem SYSTEM = StandardSystem.get();
  private static final SecondVerifier VERIFIERS =
      new SecondVerifier(SYSTEM, Path.of("target", "proofs"));
  private static final Verifier VERIFIER = new Verifier(SYSTEM, VerifierPolicy.DEVELOPMENT);
  private static ComputeBackend backend;
  private static Committer committer;
  private static KeyGenerator keys;
  private static VerifyingKey key;

  @BeforeAll
  static void open() {
    backend = Backends.open("cpu", BackendOptions.defaults());
    committer = new Committer(backend, DevelopmentSrs.inMemory());
    keys = new KeyGenerator(SYSTEM, committer);
    key = keys.verifyingKey();
  }

  @AfterAll
  static void close() {
    committer.close();
    backend.close();
    VERIFIERS.agrees();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"operands", "narrow", "sums", "memory", "cells", "waiting", "host", "trap"})
  void runsAreProven(String name) throws ProofFormatException {
    prove(name);
  }

  /** Long runs use the table of all bytes. */
  @Test
  void aRunWithAllBytesIsProven() throws ProofFormatException {
    ExecutionTrace trace = Programs.fibonacci(10);
    prove("all bytes", trace, WitnessBuilder.buildWithAllBytes(TableSet.STANDARD, trace));
  }

  @Tag("long")
  @ParameterizedTest
  @ValueSource(
      strings = {
        "fibonacci",
        "exit code",
        "out of bounds",
        "wrapping addresses",
        "out of bounds without a register",
        "out of bounds after wrapping",
        "out of bounds in 32 bits",
        "stack exhausted"
      })
  void otherRunsAreProven(String name) throws ProofFormatException {
    prove(name);
  }

  @Test
  void everyRunIsTried() {
    assertEquals(16, Programs.all().size());
  }

  private static void prove(String name) throws ProofFormatException {
    ExecutionTrace trace = Objects.requireNonNull(Programs.all().get(name));
    // In every table that can serve a step, which is more than the prover would choose.
    prove(name, trace, WitnessBuilder.build(TableSet.STANDARD, trace));
  }

  private static void prove(String name, ExecutionTrace trace, Witness witness)
      throws ProofFormatException {
    ProgramKey program = keys.programKey(trace.program());
    byte[] context = new byte[32];
    Arrays.fill(context, (byte) name.length());
    ProvingResult result =
        new Prover(SYSTEM, committer, key)
            .prove(
                program.header(),
                Prover.statement(program.header(), trace, context),
                witness.instances(),
                ProverOptions.DEFAULT);
    ProofFile file =
        new ProofFile(
            trace.program().extensionId(),
            key.srsId(),
            key.digest(),
            result.statement(),
            result.proof());
    ProofFile read = ProofFile.decode(file.encode());
    assertEquals(file, read);
    assertEquals("valid", VERIFIER.verify(key, program.header(), read).toString());
    long took = Long.MAX_VALUE;
    for (int i = 0; i < VERIFICATIONS; i++) {
      long start = System.nanoTime();
      VERIFIER.verify(key, program.header(), read);
      took = Math.min(took, System.nanoTime() - start);
    }
    System.out.printf(
        "%s: %d steps, %d instances, proof of %d bytes, verified in %.1f ms, proven in %s%n",
        name,
        result.statement().steps(),
        result.instances().size(),
        result.proof().length,
        took / 1e6,
        result.times());
    assertTrue(VERIFIERS.judge(name, key, program.header(), file).isValid(), name);
  }
}

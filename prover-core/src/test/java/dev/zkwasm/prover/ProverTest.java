package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.curve.SharedVectors;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.kzg.SrsStore;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.transcript.Keccak256;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProverTest {
  private static final ToyProof FIRST = ToyProof.FIRST;

  private static ProvingResult prove(ToyProof toy, ProverOptions options) {
    return new Prover(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY)
        .prove(toy.header, toy.statement, toy.run.tables(), options);
  }

  @Test
  void proofsOfSeveralShapesVerify() {
    for (int[] logs : new int[][] {{6}, {5, 5}, {5, 4}, {4, 4, 4}, {7, 4}}) {
      ToyProgram run = new ToyProgram(ToyProof.TOY, 40, logs);
      ProvingResult result =
          new Prover(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY)
              .prove(
                  FIRST.header, run.statement(FIRST.header), run.tables(), ProverOptions.DEFAULT);
      assertEquals("valid", FIRST.verify(result.proof()).toString(), Arrays.toString(logs));
    }
  }

  /** The smallest proof there is: every table has 16 rows, but the fixed one. */
  @Test
  void aShortRunVerifies() {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 1, 4);
    run.rows.remove(ToyProof.TOY.notes);
    ProvingResult result =
        new Prover(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY)
            .prove(
                ToyProof.KEYS.programKey(run.program).header(),
                run.statement(ToyProof.KEYS.programKey(run.program).header()),
                run.tables(),
                ProverOptions.DEFAULT);
    System.out.println("smallest toy proof: " + result.proof().length + " bytes");
  }

  @Test
  void twoProofsOfOneStatementDifferAndVerify() throws ProofFormatException {
    Proof one = decode(prove(FIRST, ProverOptions.DEFAULT).proof());
    Proof two = decode(prove(FIRST, ProverOptions.DEFAULT).proof());
    Verdict verdict = FIRST.verify(ProofCodec.encode(one));
    assertTrue(verdict.isValid(), verdict.toString());
    assertTrue(FIRST.verify(ProofCodec.encode(two)).isValid());
    assertEquals(one.instances(), two.instances());
    for (int i = 0; i < one.main().size(); i++) {
      assertFalse(one.main().get(i).equals(two.main().get(i)), "main " + i);
    }
    for (int i = 0; i < one.helpers().size(); i++) {
      assertFalse(one.helpers().get(i).equals(two.helpers().get(i)), "helper " + i);
    }
  }

  private static Proof decode(byte[] proof) throws ProofFormatException {
    return ProofCodec.decode(ToyProof.TOY.system, proof);
  }

  @Test
  void theSameSeedGivesTheSameProofOnAnyNumberOfThreads() {
    for (int threads : new int[] {1, 3}) {
      try (ComputeBackend backend = Backends.open("cpu", new BackendOptions(threads));
          Committer committer = new Committer(backend, DevelopmentSrs.inMemory(8))) {
        byte[] proof =
            new Prover(ToyProof.TOY.system, committer, ToyProof.KEY)
                .prove(
                    FIRST.header,
                    FIRST.statement,
                    FIRST.run.tables(),
                    ProverOptions.DEFAULT.withSeed(ToyProof.seed(1)))
                .proof();
        assertArrayEquals(FIRST.proof, proof, threads + " threads");
      }
    }
    assertFalse(Arrays.equals(FIRST.proof, FIRST.prove(ToyProof.seed(2))));
  }

  @Test
  void progressIsToldStageByStage() {
    List<Stage> stages = new ArrayList<>();
    ProgressListener listener =
        (stage, fraction) -> {
          assertTrue(fraction >= 0 && fraction <= 1, stage + " " + fraction);
          if (stages.isEmpty() || stages.getLast() != stage) {
            assertTrue(stages.isEmpty() || stages.getLast().compareTo(stage) < 0);
            stages.add(stage);
          }
        };
    long start = System.nanoTime();
    ProvingResult result = prove(FIRST, ProverOptions.DEFAULT.withListener(listener));
    Duration whole = Duration.ofNanos(System.nanoTime() - start);
    assertEquals(List.of(Stage.values()), stages);
    assertEquals(Set.of(Stage.values()), new TreeSet<>(result.times().keySet()));
    Duration sum = result.times().values().stream().reduce(Duration.ZERO, Duration::plus);
    assertTrue(sum.compareTo(whole) <= 0);
    assertEquals("quotient", Stage.QUOTIENT.toString());
    assertEquals(result.instances().stream().sorted(ORDER).toList(), result.instances());
  }

  private static final Comparator<Instance> ORDER =
      Comparator.comparingInt(Instance::table)
          .thenComparing(Comparator.comparingInt(Instance::log).reversed());

  @Test
  void anInterruptEndsTheWork() {
    // In the last stage the proof is there.
    for (Stage stage : EnumSet.complementOf(EnumSet.of(Stage.VERIFY))) {
      ProgressListener listener =
          (now, fraction) -> {
            if (now == stage) {
              Thread.currentThread().interrupt();
            }
          };
      try {
        assertThrows(
            CancellationException.class,
            () -> prove(FIRST, ProverOptions.DEFAULT.withListener(listener)),
            stage.toString());
      } finally {
        assertTrue(Thread.interrupted(), "the interrupt status is kept");
      }
    }
  }

  @Test
  void aTableAboveTheReferenceStringIsRefused() {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 40, 9);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new Prover(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY)
                    .prove(FIRST.header, FIRST.statement, run.tables(), ProverOptions.DEFAULT));
    assertTrue(String.valueOf(e.getMessage()).contains("2^9"), e.getMessage());
  }

  @Test
  void aProofThatDoesNotVerifyIsNotGivenOut() {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 40, 6);
    run.rows(ToyProof.TOY.step).get(3).put(ToyProof.TOY.step.cube, 26L);
    ProverException e =
        assertThrows(
            ProverException.class,
            () ->
                new Prover(ToyProof.TOY.system, ToyProof.COMMITTER, ToyProof.KEY)
                    .prove(FIRST.header, FIRST.statement, run.tables(), ProverOptions.DEFAULT));
    assertTrue(String.valueOf(e.getMessage()).contains("does not verify"), e.getMessage());
  }

  /** The bytes of a proof depend on the seed only: not on the backend, the machine or the day. */
  @Test
  void theProofOfASeedIsFrozen() {
    assertEquals(
        "31502134a46a880ee154a741c0fbaa4ff5a39835cffddcc7f80a49df78b3c47d",
        HexFormat.of().formatHex(Keccak256.hash(FIRST.proof)),
        "if the proof format has changed on purpose, so must its version");
  }

  /** Under a real ceremony's string the strict verifier is satisfied, and seeds are refused. */
  @Test
  void aProofUnderACeremonyVerifies(@TempDir Path folder) throws IOException {
    Path ptau = SharedVectors.file("pot10_final.ptau");
    try (Committer committer =
        new Committer(ToyProof.BACKEND, new SrsStore(folder).importPtau(ptau))) {
      KeyGenerator keys = new KeyGenerator(ToyProof.TOY.system, committer);
      VerifyingKey key = keys.verifyingKey();
      ProgramHeader header = keys.programKey(FIRST.run.program).header();
      Statement statement = FIRST.run.statement(header);
      Prover prover = new Prover(ToyProof.TOY.system, committer, key);
      byte[] proof =
          prover.prove(header, statement, FIRST.run.tables(), ProverOptions.DEFAULT).proof();
      Verifier strict = new Verifier(ToyProof.TOY.system, VerifierPolicy.STRICT);
      assertEquals("valid", strict.verify(key, header, statement, proof).toString());
      assertThrows(
          IllegalArgumentException.class,
          () ->
              prover.prove(
                  header,
                  statement,
                  FIRST.run.tables(),
                  ProverOptions.DEFAULT.withSeed(ToyProof.seed(1))));
      assertThrows(
          IllegalArgumentException.class,
          () -> new Prover(ToyProof.TOY.system, committer, ToyProof.KEY));
    }
  }

  @Test
  void aKeptKeyIsTheSame(@TempDir Path folder) throws IOException {
    assertEquals(ToyProof.KEY, ToyProof.KEYS.verifyingKey(folder));
    assertEquals(ToyProof.KEY, ToyProof.KEYS.verifyingKey(folder));
    Path file;
    try (Stream<Path> files = Files.list(folder)) {
      file = files.findFirst().orElseThrow();
    }
    byte[] good = Files.readAllBytes(file);
    for (int i : new int[] {0, 30, good.length - 1}) {
      byte[] damaged = good.clone();
      damaged[i] ^= 0x10;
      Files.write(file, damaged);
      assertEquals(ToyProof.KEY, ToyProof.KEYS.verifyingKey(folder));
      assertArrayEquals(good, Files.readAllBytes(file));
    }
  }
}

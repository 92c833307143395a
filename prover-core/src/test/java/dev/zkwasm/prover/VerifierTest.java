package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G2;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing but the proof itself, for the statement itself, under the key itself, is valid. */
class VerifierTest {
  private static final ToyProof FIRST = ToyProof.FIRST;

  private static int refused;

  @AfterAll
  static void count() {
    System.out.println(
        "assurance: " + refused + " altered proofs, statements, headers and keys, all refused");
  }

  private static void assertInvalid(Verdict verdict, String what) {
    refused++;
    assertEquals(Verdict.Kind.INVALID, verdict.kind(), what + ": " + verdict);
  }

  @Test
  void timeAndSize() {
    int runs = 20;
    for (int i = 0; i < 20; i++) {
      FIRST.verify(FIRST.proof);
    }
    long start = System.nanoTime();
    for (int i = 0; i < runs; i++) {
      assertTrue(FIRST.verify(FIRST.proof).isValid());
    }
    System.out.printf(
        "toy proof: %d bytes, verified in %.1f ms%n",
        FIRST.proof.length, (System.nanoTime() - start) / 1e6 / runs);
  }

  /** An index from outside would choose the code that an indirect call runs. */
  @Test
  void aFunctionReferenceFromOutsideIsRefused() {
    ProgramHeader h = FIRST.header;
    Statement s = FIRST.statement;
    Program.Export export =
        new Program.Export(s.export(), List.of(ValueType.FUNCREF), List.of(), 1);
    ProgramHeader header =
        new ProgramHeader(
            h.extensionId(),
            h.loweringVersion(),
            h.programLog(),
            h.imageLog(),
            List.of(export),
            h.initialPages(),
            h.programColumns(),
            h.imageColumns());
    for (long bits : new long[] {0, 1}) {
      Statement statement =
          new Statement(
              header.digest(),
              s.export(),
              List.of(new Value(ValueType.FUNCREF, bits)),
              List.of(),
              s.publicInput(),
              s.output(),
              s.exit(),
              s.steps(),
              s.context());
      String reason =
          ToyProof.VERIFIER.verify(ToyProof.KEY, header, statement, FIRST.proof).reason();
      assertEquals(bits != 0, reason.contains("function reference"), reason);
    }
  }

  @Test
  void everySampledByteMatters() {
    alterBytes(23);
  }

  @Test
  @Tag("long")
  void everyByteMatters() {
    alterBytes(1);
  }

  private static void alterBytes(int stride) {
    Random random = new Random(7);
    for (int i = 0; i < FIRST.proof.length; i += i < 64 ? 1 : stride) {
      byte[] altered = FIRST.proof.clone();
      altered[i] ^= (byte) (1 << random.nextInt(8));
      Verdict verdict = FIRST.verify(altered);
      assertFalse(verdict.isValid(), "byte " + i);
      assertFalse(verdict.reason().isEmpty());
      refused++;
    }
  }

  @Test
  void otherLengthsAreRefused() {
    for (int length = 0; length < FIRST.proof.length; length += length < 64 ? 1 : 41) {
      assertInvalid(FIRST.verify(Arrays.copyOf(FIRST.proof, length)), "length " + length);
    }
    assertInvalid(FIRST.verify(Arrays.copyOf(FIRST.proof, FIRST.proof.length + 1)), "longer");
  }

  @Test
  void anUnknownVersionIsNotJudged() {
    byte[] other = FIRST.proof.clone();
    other[5] = 0;
    Verdict verdict = FIRST.verify(other);
    assertEquals(Verdict.Kind.UNSUPPORTED, verdict.kind());
    assertEquals("proof of version 0; this program reads version 1", verdict.reason());
    VerifyingKey key = ToyProof.KEY;
    byte[] digest = key.constraintDigest().clone();
    digest[0] ^= 1;
    VerifyingKey otherKey = new VerifyingKey(digest, key.fixedColumns(), key.tauG2());
    assertEquals(
        Verdict.Kind.UNSUPPORTED,
        ToyProof.VERIFIER.verify(otherKey, FIRST.header, FIRST.statement, FIRST.proof).kind());
  }

  /** Random bytes, and random counts in place of the instance list: a verdict, and soon. */
  @Test
  void hostileBytesEndInAVerdict() {
    Random random = new Random(3);
    for (int i = 0; i < 3000; i++) {
      byte[] bytes = new byte[random.nextInt(600)];
      random.nextBytes(bytes);
      System.arraycopy(FIRST.proof, 0, bytes, 0, Math.min(6 + random.nextInt(3), bytes.length));
      assertInvalid(FIRST.verify(bytes), "random");
    }
    byte[] most = Arrays.copyOf(FIRST.proof, 7 + 2 * 255);
    most[6] = (byte) 255;
    for (int i = 7; i < most.length; i += 2) {
      most[i] = 0;
      most[i + 1] = 24;
    }
    assertInvalid(FIRST.verify(most), "255 instances of 2^24 rows");
  }

  @Test
  void everyPartOfTheStatementMatters() {
    Statement s = FIRST.statement;
    byte[] otherDigest = s.programDigest().clone();
    otherDigest[31] ^= 1;
    byte[] otherContext = s.context().clone();
    otherContext[0] ^= 1;
    byte[] otherInput = s.publicInput().clone();
    otherInput[0] ^= 1;
    List<Value> otherArguments = List.of(s.arguments().get(1), s.arguments().get(0));
    List<Statement> others =
        List.of(
            new Statement(
                otherDigest,
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                "elsewhere",
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                "nowhere",
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                otherArguments,
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments().subList(0, 1),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                List.of(
                    s.arguments().get(0), new Value(ValueType.F64, s.arguments().get(1).bits())),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                List.of(new Value(ValueType.I32, 6), s.arguments().get(1)),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                List.of(new Value(ValueType.F64, 1)),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                List.of(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                otherInput,
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                Arrays.copyOf(s.publicInput(), s.publicInput().length + 1),
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                new byte[0],
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                new byte[1000],
                s.output(),
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                new byte[] {1, 2},
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                new byte[0],
                s.exit(),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                List.of(),
                s.publicInput(),
                s.output(),
                Exit.exited(0),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                List.of(),
                s.publicInput(),
                s.output(),
                Exit.trapped(TrapReason.ABORT),
                s.steps(),
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps() + 1,
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                0,
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                (1L << 30) - 1,
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                1L << 30,
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                Long.MAX_VALUE,
                s.context()),
            new Statement(
                s.programDigest(),
                s.export(),
                s.arguments(),
                s.results(),
                s.publicInput(),
                s.output(),
                s.exit(),
                s.steps(),
                otherContext));
    for (int i = 0; i < others.size(); i++) {
      assertInvalid(FIRST.verify(others.get(i)), "statement " + i);
    }
  }

  @Test
  void anotherKeyProgramOrStringIsRefused() {
    VerifyingKey key = ToyProof.KEY;
    List<G1> fixed = new ArrayList<>(key.fixedColumns());
    fixed.set(0, G1.GENERATOR);
    List<VerifyingKey> keys =
        List.of(
            new VerifyingKey(key.constraintDigest(), fixed, key.tauG2()),
            new VerifyingKey(key.constraintDigest(), fixed.subList(1, fixed.size()), key.tauG2()),
            new VerifyingKey(key.constraintDigest(), key.fixedColumns(), G2.GENERATOR));
    for (VerifyingKey other : keys) {
      assertInvalid(
          ToyProof.VERIFIER.verify(other, FIRST.header, FIRST.statement, FIRST.proof), "key");
    }
    ProgramHeader other =
        ToyProof.KEYS.programKey(new ToyProgram(ToyProof.TOY, 41, 6).program).header();
    assertInvalid(
        ToyProof.VERIFIER.verify(key, other, FIRST.statement, FIRST.proof), "header alone");
    Statement s = FIRST.statement;
    Statement about =
        new Statement(
            other.digest(),
            s.export(),
            s.arguments(),
            s.results(),
            s.publicInput(),
            s.output(),
            s.exit(),
            s.steps(),
            s.context());
    assertInvalid(ToyProof.VERIFIER.verify(key, other, about, FIRST.proof), "header and statement");
  }

  @Test
  void theDevelopmentStringIsRefusedUnlessAllowed() {
    Verdict verdict =
        new Verifier(ToyProof.TOY.system, VerifierPolicy.STRICT)
            .verify(ToyProof.KEY, FIRST.header, FIRST.statement, FIRST.proof);
    assertInvalid(verdict, "strict");
    assertTrue(verdict.reason().contains("development"), verdict.toString());
  }

  /**
   * Each commitment and evaluation, replaced by that of another valid proof, or by its neighbour.
   */
  @Test
  void everyTransplantIsRefused() throws ProofFormatException {
    Proof one = ProofCodec.decode(ToyProof.TOY.system, FIRST.proof);
    Proof two = ProofCodec.decode(ToyProof.TOY.system, FIRST.prove(ToyProof.seed(2)));
    assertEquals(one.instances(), two.instances());
    List<Proof> mixed = new ArrayList<>();
    for (int i = 0; i < one.main().size(); i++) {
      mixed.add(
          with(
              one,
              replaced(one.main(), i, two.main().get(i)),
              one.helpers(),
              one.quotient(),
              one.evaluations()));
      mixed.add(
          with(
              one,
              replaced(one.main(), i, one.main().get((i + 1) % one.main().size())),
              one.helpers(),
              one.quotient(),
              one.evaluations()));
    }
    for (int i = 0; i < one.helpers().size(); i++) {
      mixed.add(
          with(
              one,
              one.main(),
              replaced(one.helpers(), i, two.helpers().get(i)),
              one.quotient(),
              one.evaluations()));
    }
    for (int i = 0; i < one.quotient().size(); i++) {
      mixed.add(
          with(
              one,
              one.main(),
              one.helpers(),
              replaced(one.quotient(), i, two.quotient().get(i)),
              one.evaluations()));
    }
    for (int i = 0; i < one.evaluations().size(); i++) {
      List<Fr> changed = replaced(one.evaluations(), i, two.evaluations().get(i));
      if (!changed.equals(one.evaluations())) {
        mixed.add(with(one, one.main(), one.helpers(), one.quotient(), changed));
      }
      changed = replaced(one.evaluations(), i, one.evaluations().get(i).add(Fr.ONE));
      mixed.add(with(one, one.main(), one.helpers(), one.quotient(), changed));
    }
    mixed.add(
        new Proof(
            one.instances(),
            one.main(),
            one.helpers(),
            one.quotient(),
            one.evaluations(),
            two.w(),
            one.wPrime()));
    mixed.add(
        new Proof(
            one.instances(),
            one.main(),
            one.helpers(),
            one.quotient(),
            one.evaluations(),
            one.w(),
            two.wPrime()));
    mixed.add(
        new Proof(
            one.instances(),
            one.main(),
            one.helpers(),
            one.quotient(),
            one.evaluations(),
            two.w(),
            two.wPrime()));
    mixed.add(
        new Proof(
            one.instances(),
            one.main(),
            one.helpers(),
            one.quotient(),
            one.evaluations(),
            G1.INFINITY,
            G1.INFINITY));
    for (int i = 0; i < mixed.size(); i++) {
      assertInvalid(FIRST.verify(ProofCodec.encode(mixed.get(i))), "mixture " + i);
    }
    assertTrue(FIRST.verify(ProofCodec.encode(two)).isValid());
  }

  private static <T> List<T> replaced(List<T> list, int i, T value) {
    List<T> copy = new ArrayList<>(list);
    copy.set(i, value);
    return copy;
  }

  private static Proof with(
      Proof p, List<G1> main, List<G1> helpers, List<G1> quotient, List<Fr> evaluations) {
    return new Proof(p.instances(), main, helpers, quotient, evaluations, p.w(), p.wPrime());
  }
}

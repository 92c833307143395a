package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript;
import dev.zkwasm.proof.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * An audit of the transcript: each thing that a proof or its statement is made of is altered in
 * turn, and every challenge drawn after it changes while none drawn before it does. Prover and
 * verifier have no other source of challenges than {@link ProofTranscript}, which takes its rounds
 * in order; that the verifier hands it what it then judges is seen by the proofs that {@link
 * VerifierTest} alters, and by the second verifier, which draws the same challenges.
 */
class FiatShamirTest {
  private static final ToyProof FIRST = ToyProof.FIRST;

  /** Challenges in the order in which they are drawn. */
  private static final List<String> NAMES = List.of("alpha", "gamma", "y", "zeta", "nu", "u");

  /** Challenges drawn before a round's message is absorbed. */
  private static final int BEFORE_MAIN = 0;

  private static final int BEFORE_HELPERS = 2;
  private static final int BEFORE_QUOTIENT = 3;
  private static final int BEFORE_EVALUATIONS = 4;
  private static final int BEFORE_OPENING = 5;

  /** All that is absorbed. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Absorbed(
      byte[] tau, byte[] key, byte[] program, Statement statement, Proof proof) {

    List<Fr> challenges() {
      ProofLayout layout = new ProofLayout(ToyProof.TOY.system, proof.instances());
      ProofTranscript transcript =
          new ProofTranscript(tau, key, program, statement, proof.instances());
      ProofTranscript.BusChallenges bus = transcript.main(proof.main());
      Fr y = transcript.helpers(proof.helpers());
      Fr zeta = transcript.quotient(proof.quotient(), layout.maxLog());
      Fr nu = transcript.evaluations(proof.evaluations());
      Fr u = transcript.opening(proof.w(), new OpeningPoints(layout, zeta));
      return List.of(bus.alpha(), bus.gamma(), y, zeta, nu, u);
    }

    Absorbed with(Statement other) {
      return new Absorbed(tau, key, program, other, proof);
    }

    Absorbed with(Proof other) {
      return new Absorbed(tau, key, program, statement, other);
    }
  }

  private static Absorbed honest() throws ProofFormatException {
    return new Absorbed(
        ToyProof.KEY.tauG2().toBytes(),
        ToyProof.KEY.digest(),
        FIRST.header.digest(),
        FIRST.statement,
        ProofCodec.decode(ToyProof.TOY.system, FIRST.proof));
  }

  private static byte[] flipped(byte[] bytes) {
    byte[] other = bytes.clone();
    other[other.length - 1] ^= 1;
    return other;
  }

  private static <T> List<T> replaced(List<T> list, int i, Function<T, T> by) {
    List<T> other = new ArrayList<>(list);
    other.set(i, by.apply(list.get(i)));
    return other;
  }

  /** The statement with one part altered, by name of the part. */
  private static Map<String, Statement> statements(Statement s) {
    Map<String, Statement> all = new LinkedHashMap<>();
    StatementParts parts = new StatementParts(s);
    all.put("program digest", parts.copy().digest(flipped(s.programDigest())).build());
    all.put("export", parts.copy().export(s.export() + "'").build());
    for (int i = 0; i < s.arguments().size(); i++) {
      all.put(
          "argument " + i,
          parts.copy().arguments(replaced(s.arguments(), i, FiatShamirTest::other)).build());
    }
    all.put(
        "number of arguments",
        parts.copy().arguments(s.arguments().subList(0, s.arguments().size() - 1)).build());
    for (int i = 0; i < s.results().size(); i++) {
      all.put(
          "result " + i,
          parts.copy().results(replaced(s.results(), i, FiatShamirTest::other)).build());
    }
    for (int i = 0; i < s.publicInput().length; i++) {
      byte[] input = s.publicInput().clone();
      input[i] ^= 1;
      all.put("public input byte " + i, parts.copy().publicInput(input).build());
    }
    all.put(
        "length of the public input",
        parts
            .copy()
            .publicInput(Arrays.copyOf(s.publicInput(), s.publicInput().length + 1))
            .build());
    for (int i = 0; i < s.output().length; i++) {
      byte[] output = s.output().clone();
      output[i] ^= 1;
      all.put("output byte " + i, parts.copy().output(output).build());
    }
    // A byte that moves from one part to the next.
    all.put(
        "boundary of input and output",
        parts
            .copy()
            .publicInput(Arrays.copyOf(s.publicInput(), s.publicInput().length - 1))
            .output(
                HexFormat.of()
                    .parseHex(
                        HexFormat.of().toHexDigits(s.publicInput()[s.publicInput().length - 1])
                            + HexFormat.of().formatHex(s.output())))
            .build());
    all.put("exit", parts.copy().results(List.of()).exit(Exit.exited(0)).build());
    all.put(
        "exit code", parts.copy().results(List.of()).exit(Exit.trapped(TrapReason.ABORT)).build());
    all.put("steps", parts.copy().steps(s.steps() + 1).build());
    all.put("context", parts.copy().context(flipped(s.context())).build());
    return all;
  }

  private static Value other(Value value) {
    return new Value(value.type(), value.bits() ^ 1);
  }

  @Test
  void everyPartOfTheStatementAndSetupComesBeforeAllChallenges() throws ProofFormatException {
    Absorbed honest = honest();
    Map<String, Absorbed> altered = new LinkedHashMap<>();
    altered.put(
        "tau",
        new Absorbed(
            flipped(honest.tau), honest.key, honest.program, honest.statement, honest.proof));
    altered.put(
        "key",
        new Absorbed(
            honest.tau, flipped(honest.key), honest.program, honest.statement, honest.proof));
    altered.put(
        "program",
        new Absorbed(
            honest.tau, honest.key, flipped(honest.program), honest.statement, honest.proof));
    statements(honest.statement).forEach((what, s) -> altered.put(what, honest.with(s)));
    check(honest, altered, BEFORE_MAIN);
  }

  @Test
  void everyInstanceComesBeforeAllChallenges() throws ProofFormatException {
    Absorbed honest = honest();
    Proof p = honest.proof;
    Map<String, Absorbed> altered = new LinkedHashMap<>();
    for (int i = 0; i < p.instances().size(); i++) {
      Instance instance = p.instances().get(i);
      altered.put(
          "height " + i,
          honest.with(
              instances(
                  p,
                  replaced(
                      p.instances(), i, x -> new Instance(instance.table(), instance.log() + 1)))));
      altered.put(
          "table " + i,
          honest.with(
              instances(
                  p,
                  replaced(
                      p.instances(),
                      i,
                      x -> new Instance(x.table() == 0 ? 1 : x.table() - 1, x.log())))));
      List<Instance> fewer = new ArrayList<>(p.instances());
      fewer.remove(i);
      altered.put("instance " + i + " left out", honest.with(instances(p, fewer)));
    }
    check(honest, altered, BEFORE_MAIN);
  }

  private static Proof instances(Proof p, List<Instance> instances) {
    return new Proof(
        instances, p.main(), p.helpers(), p.quotient(), p.evaluations(), p.w(), p.wPrime());
  }

  @Test
  void everyCommitmentAndEvaluationComesBeforeWhatIsDrawnAfterIt() throws ProofFormatException {
    Absorbed honest = honest();
    Proof p = honest.proof;
    Map<String, Absorbed> main = new LinkedHashMap<>();
    for (int i = 0; i < p.main().size(); i++) {
      main.put("main " + i, honest.with(proof(p, replaced(p.main(), i, G1::negate), null, null)));
    }
    check(honest, main, BEFORE_MAIN);
    Map<String, Absorbed> helpers = new LinkedHashMap<>();
    for (int i = 0; i < p.helpers().size(); i++) {
      helpers.put(
          "helper " + i, honest.with(proof(p, null, replaced(p.helpers(), i, G1::negate), null)));
    }
    check(honest, helpers, BEFORE_HELPERS);
    Map<String, Absorbed> quotient = new LinkedHashMap<>();
    for (int i = 0; i < p.quotient().size(); i++) {
      quotient.put(
          "piece " + i, honest.with(proof(p, null, null, replaced(p.quotient(), i, G1::negate))));
    }
    check(honest, quotient, BEFORE_QUOTIENT);
    Map<String, Absorbed> evaluations = new LinkedHashMap<>();
    for (int i = 0; i < p.evaluations().size(); i++) {
      evaluations.put(
          "evaluation " + i,
          honest.with(
              new Proof(
                  p.instances(),
                  p.main(),
                  p.helpers(),
                  p.quotient(),
                  replaced(p.evaluations(), i, e -> e.add(Fr.ONE)),
                  p.w(),
                  p.wPrime())));
    }
    check(honest, evaluations, BEFORE_EVALUATIONS);
    check(
        honest,
        Map.of(
            "W",
            honest.with(
                new Proof(
                    p.instances(),
                    p.main(),
                    p.helpers(),
                    p.quotient(),
                    p.evaluations(),
                    p.w().negate(),
                    p.wPrime()))),
        BEFORE_OPENING);
    // W' is the last word: nothing is drawn after it.
  }

  @org.jspecify.annotations.NullUnmarked
  private static Proof proof(Proof p, List<G1> main, List<G1> helpers, List<G1> quotient) {
    return new Proof(
        p.instances(),
        main == null ? p.main() : main,
        helpers == null ? p.helpers() : helpers,
        quotient == null ? p.quotient() : quotient,
        p.evaluations(),
        p.w(),
        p.wPrime());
  }

  /** Every challenge from the given one on differs, and none before it does. */
  private static void check(Absorbed honest, Map<String, Absorbed> altered, int from) {
    List<Fr> drawn = honest.challenges();
    altered.forEach(
        (what, absorbed) -> {
          List<Fr> others = absorbed.challenges();
          for (int i = 0; i < drawn.size(); i++) {
            String challenge = NAMES.get(i) + " after another " + what;
            if (i < from) {
              assertEquals(drawn.get(i), others.get(i), challenge);
            } else {
              assertNotEquals(drawn.get(i), others.get(i), challenge);
            }
          }
        });
    assertTrue(!altered.isEmpty());
    System.out.printf(
        "assurance: Fiat-Shamir: %d items before %s altered, each changes all %d challenges after"
            + " it%n",
        altered.size(), NAMES.get(from), NAMES.size() - from);
  }

  /**
   * The challenges of a transcript whose messages are written down here, whatever the prover does.
   * If this fails, no old proof verifies any more: that takes a new format version.
   */
  @Test
  void challengesOfAFixedProofAreFrozen() {
    List<Instance> instances = List.of(new Instance(0, 5), new Instance(1, 4), new Instance(2, 4));
    Statement statement =
        new Statement(
            HexFormat.of().parseHex("11".repeat(32)),
            "main",
            List.of(new Value(ValueType.I32, 5), new Value(ValueType.I64, -3)),
            List.of(new Value(ValueType.I64, 8)),
            new byte[] {1, 2, 3},
            new byte[] {4, 5},
            Exit.returned(),
            77,
            HexFormat.of().parseHex("22".repeat(32)));
    Proof proof =
        new Proof(
            instances,
            points(1, 6),
            points(10, 4),
            points(20, 4),
            List.of(Fr.of(1), Fr.of(-1), Fr.of(1L << 40)),
            G1.GENERATOR.mul(Fr.of(30)),
            G1.INFINITY);
    List<Fr> challenges =
        new Absorbed(
                HexFormat.of().parseHex("33".repeat(128)),
                HexFormat.of().parseHex("44".repeat(32)),
                statement.programDigest(),
                statement,
                proof)
            .challenges();
    assertEquals(FROZEN, challenges.stream().map(Fr::toString).toList());
  }

  private static List<G1> points(int first, int count) {
    List<G1> points = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      points.add(G1.GENERATOR.mul(Fr.of(first + i)));
    }
    return points;
  }

  private static final List<String> FROZEN =
      List.of(
          "6158163432642907145490706834790068827241776511943734280577870880301993101506",
          "20274637779364444778861931521027019823112054746063889605933521267837216996515",
          "2554909790481441343947980941549861295051669160777558889851119712086659428281",
          "17286589456773962998660334799664647784810237200722407243455871949752995179320",
          "19409183378351437032521179104624718123583331376715384560690749525313013459464",
          "4323985245490655911547547742564577698990971806716130662797186023836897074040");
}

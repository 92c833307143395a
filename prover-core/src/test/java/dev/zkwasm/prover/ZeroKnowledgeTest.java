package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.proof.TableLayout;
import dev.zkwasm.table.StandardSystem;
import dev.zkwasm.verifier.TermSum;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A proof shows nothing of the witness. Two witnesses of one statement are proven many times over,
 * and everything that the proofs show is compared; and it is counted that each polynomial has as
 * many random coefficients as values of it are shown, in general position ({@code
 * docs/spec/protocol.md}, "Zero knowledge"). {@link BlindingTest} sees that the blinders are there.
 */
class ZeroKnowledgeTest {
  /** Values of an element are sorted by their last three bits. */
  private static final int BUCKETS = 8;

  /** Standard deviations; with fixed seeds the figures are always the same ones. */
  private static final double FAR = 5;

  private static final ToyProgram FIRST = witness(1);
  private static final ToyProgram SECOND = witness(2);
  private static final ProgramHeader HEADER = ToyProof.KEYS.programKey(FIRST.program).header();
  private static final Statement STATEMENT = FIRST.statement(HEADER);

  /** What is private in a run: the summands, the note, and in which rows the steps are. */
  private static ToyProgram witness(int seed) {
    ToyProgram run = new ToyProgram(ToyProof.TOY, 12, 4);
    Random random = new Random(seed);
    List<Map<Column, Long>> sums = run.rows(ToyProof.TOY.sums);
    long sum = 0;
    for (int i = 0; i < sums.size(); i++) {
      long x = i == sums.size() - 1 ? 0 : seed == 1 ? 0 : random.nextInt(1 << 16);
      sum += x;
      sums.get(i).put(ToyProof.TOY.sums.x, x);
      sums.get(i).put(ToyProof.TOY.sums.sum, sum);
    }
    run.rows(ToyProof.TOY.notes).getFirst().put(ToyProof.TOY.notes.b, (long) seed % 2);
    if (seed != 1) {
      Collections.shuffle(run.rows(ToyProof.TOY.step), random);
    }
    return run;
  }

  @Test
  void proofsOfTwoWitnessesLookTheSame() {
    compare(64);
  }

  @Test
  @Tag("long")
  void manyProofsOfTwoWitnessesLookTheSame() {
    compare(2_000);
  }

  private static void compare(int proofs) {
    int[][] first = null;
    int[][] second = null;
    for (int i = 0; i < proofs; i++) {
      first = count(first, proof(FIRST, new Blinding(seed(2 * i), STATEMENT, 0)));
      second = count(second, proof(SECOND, new Blinding(seed(2 * i + 1), STATEMENT, 0)));
    }
    if (first == null || second == null) {
      throw new AssertionError("no proofs");
    }
    double between = deviation(first, second);
    double one = deviation(first);
    double other = deviation(second);
    System.out.printf(
        "assurance: zero knowledge: %d proofs of each of two witnesses, %d elements each:"
            + " chi-square off by %.1f standard deviations between them, %.1f and %.1f from"
            + " uniform%n",
        proofs, first.length, between, one, other);
    assertTrue(Math.abs(between) < FAR, "the witnesses can be told apart: " + between);
    assertTrue(Math.abs(one) < FAR && Math.abs(other) < FAR, one + " " + other);
  }

  /** Without blinders the same statistics tell the witnesses apart at once. */
  @Test
  void theStatisticsNoticeMissingBlinders() {
    int[][] first = null;
    int[][] second = null;
    for (int i = 0; i < 8; i++) {
      first = count(first, proof(FIRST, new None(seed(2 * i))));
      second = count(second, proof(SECOND, new None(seed(2 * i + 1))));
    }
    if (first == null || second == null) {
      throw new AssertionError("no proofs");
    }
    assertTrue(deviation(first, second) > 2 * FAR, "" + deviation(first, second));
  }

  /** All blinders are 0 but the masks of the quotient. */
  private static final class None extends Blinding {
    None(byte[] seed) {
      super(seed, STATEMENT, 0);
    }

    @Override
    List<Fr> column(int part, int slot, boolean pair) {
      return super.column(part, slot, pair).stream().map(x -> Fr.ZERO).toList();
    }

    @Override
    List<Fr> accumulator() {
      return super.accumulator().stream().map(x -> Fr.ZERO).toList();
    }
  }

  private static byte[] seed(int number) {
    byte[] seed = new byte[ProverOptions.SEED_BYTES];
    seed[0] = (byte) number;
    seed[1] = (byte) (number >>> 8);
    seed[2] = 77;
    return seed;
  }

  private static Proof proof(ToyProgram run, Blinding blinding) {
    List<TableInstance> tables = run.tables();
    List<Instance> instances =
        tables.stream()
            .map(t -> new Instance(ToyProof.TOY.airs.indexOf(t.air()), t.logHeight()))
            .toList();
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, instances);
    List<LocalInstanceProver> provers = new ArrayList<>();
    for (int i = 0; i < tables.size(); i++) {
      TablePrograms programs = new TablePrograms(layout.parts().get(i).table());
      provers.add(
          new LocalInstanceProver(
              ToyProof.COMMITTER, layout, i, programs, tables.get(i), blinding));
    }
    try {
      return new ProofAttempt(
              new DeviceTeam(List.of(ToyProof.COMMITTER), layout),
              ToyProof.KEY,
              STATEMENT,
              layout,
              provers,
              blinding,
              new StageClock(ProgressListener.NONE))
          .run(challenges -> TermSum.of(STATEMENT, HEADER, challenges))
          .orElseThrow();
    } finally {
      provers.forEach(LocalInstanceProver::close);
    }
  }

  /** Both are witnesses: their proofs are valid for one and the same statement. */
  @Test
  void bothAreWitnesses() throws ProofFormatException {
    assertEquals(STATEMENT, SECOND.statement(HEADER));
    for (ToyProgram run : List.of(FIRST, SECOND)) {
      byte[] proof = ProofCodec.encode(proof(run, new Blinding(seed(1), STATEMENT, 0)));
      assertEquals(
          "valid", ToyProof.VERIFIER.verify(ToyProof.KEY, HEADER, STATEMENT, proof).toString());
    }
    assertNotEquals(
        FIRST.tables().get(3).cell(ToyProof.TOY.sums.x, 1),
        SECOND.tables().get(3).cell(ToyProof.TOY.sums.x, 1));
  }

  /** Adds what a proof shows that depends on the witness to the counts by element and bucket. */
  private static int[][] count(int @org.jspecify.annotations.Nullable [][] before, Proof proof) {
    ProofLayout layout = new ProofLayout(ToyProof.TOY.system, proof.instances());
    List<byte[]> shown = new ArrayList<>();
    proof.main().forEach(p -> shown.add(bytes(p)));
    proof.helpers().forEach(p -> shown.add(bytes(p)));
    proof.quotient().forEach(p -> shown.add(bytes(p)));
    for (ProofLayout.Part part : layout.parts()) {
      TableLayout table = part.table();
      for (int slot = 0; slot < table.slots(); slot++) {
        // Fixed and program columns are public and have no blinder.
        boolean known =
            slot < table.committed().size()
                && table.committed().get(slot).kind() != Column.Kind.MAIN;
        if (!known) {
          shown.add(proof.evaluations().get(part.evaluation(slot)).toBytes());
          if (table.usesNext(slot)) {
            shown.add(proof.evaluations().get(part.nextEvaluation(slot)).toBytes());
          }
        }
      }
    }
    proof.evaluations().subList(layout.evaluations() - 2, layout.evaluations()).stream()
        .map(Fr::toBytes)
        .forEach(shown::add);
    shown.add(bytes(proof.w()));
    shown.add(bytes(proof.wPrime()));
    int[][] counts = before == null ? new int[shown.size()][BUCKETS] : before;
    for (int i = 0; i < counts.length; i++) {
      byte[] element = shown.get(i);
      counts[i][element[element.length - 1] & (BUCKETS - 1)]++;
    }
    return counts;
  }

  private static byte[] bytes(G1 point) {
    return point.toCompressed();
  }

  /** Chi-square of two samples over all elements, in standard deviations from its mean. */
  private static double deviation(int[][] first, int[][] second) {
    double sum = 0;
    int freedom = 0;
    for (int i = 0; i < first.length; i++) {
      for (int b = 0; b < BUCKETS; b++) {
        int both = first[i][b] + second[i][b];
        if (both > 0) {
          double difference = first[i][b] - second[i][b];
          sum += difference * difference / both;
          freedom++;
        }
      }
      freedom--;
    }
    return (sum - freedom) / Math.sqrt(2.0 * freedom);
  }

  /** The same against equal frequencies. */
  private static double deviation(int[][] counts) {
    double sum = 0;
    for (int[] of : counts) {
      double expected = 0;
      for (int n : of) {
        expected += (double) n / BUCKETS;
      }
      for (int n : of) {
        sum += (n - expected) * (n - expected) / expected;
      }
    }
    int freedom = counts.length * (BUCKETS - 1);
    return (sum - freedom) / Math.sqrt(2.0 * freedom);
  }

  // ---- exactly

  /**
   * Of every polynomial of every real table: the map from its random coefficients to the values
   * that a proof shows of it, its commitment among them, reaches all values. So these are uniform
   * and independent whatever the column is.
   */
  @Test
  void asManyRandomCoefficientsAsShownValues() {
    Random random = new Random(9);
    Fr tau = Fr.of(new BigInteger(250, random));
    Fr zeta = Fr.of(new BigInteger(250, random));
    Blinding blinding = new Blinding(seed(3), STATEMENT, 0);
    int polynomials = 0;
    for (int index = 0; index < StandardSystem.get().tables().size(); index++) {
      TableLayout table = StandardSystem.get().table(index);
      for (int log : new int[] {4, 10, 20}) {
        for (int slot = 0; slot < table.slots(); slot++) {
          boolean pair = table.usesNext(slot);
          int coefficients = blinding.column(index, slot, pair).size();
          List<Fr> points = new ArrayList<>(List.of(tau, zeta));
          if (pair) {
            points.add(Fr.rootOfUnity(log).mul(zeta));
          }
          assertTrue(coefficients >= points.size());
          assertEquals(points.size(), rank(points, coefficients, log), table.table() + " " + slot);
          polynomials++;
        }
      }
    }
    // The accumulator shows one value more: the quotient at tau depends on A(w tau).
    for (int log : new int[] {4, 16, 20}) {
      Fr w = Fr.rootOfUnity(log);
      List<Fr> points = List.of(tau, zeta, w.mul(zeta), w.mul(tau));
      assertEquals(4, rank(points, blinding.accumulator().size(), log));
      polynomials++;
    }
    System.out.println(
        "assurance: zero knowledge: blinders of " + polynomials + " polynomials counted");
  }

  /** Rank of {@code x^i (x^N - 1)} over points x and coefficients i. */
  private static int rank(List<Fr> points, int coefficients, int log) {
    List<Fr[]> lines = new ArrayList<>();
    for (Fr point : points) {
      Fr vanishing = point.pow(1L << log).sub(Fr.ONE);
      Fr[] line = new Fr[coefficients];
      Fr power = vanishing;
      for (int i = 0; i < coefficients; i++) {
        line[i] = power;
        power = power.mul(point);
      }
      lines.add(line);
    }
    int rank = 0;
    for (int column = 0; column < coefficients && rank < lines.size(); column++) {
      int at = rank;
      while (at < lines.size() && lines.get(at)[column].isZero()) {
        at++;
      }
      if (at == lines.size()) {
        continue;
      }
      Collections.swap(lines, rank, at);
      Fr inverse = lines.get(rank)[column].inverse();
      for (int i = rank + 1; i < lines.size(); i++) {
        Fr factor = lines.get(i)[column].mul(inverse);
        for (int j = column; j < coefficients; j++) {
          lines.get(i)[j] = lines.get(i)[j].sub(factor.mul(lines.get(rank)[j]));
        }
      }
      rank++;
    }
    return rank;
  }
}

package dev.zkwasm.prover;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.ShplonkProver;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * The coordinator: runs the rounds of one proof over its instance provers. It has the transcript,
 * the accumulator and the quotient; it never sees a witness. What it computes is in {@code
 * docs/spec/protocol.md}, round by round.
 */
final class ProofAttempt {
  private final Committer committer;
  private final ComputeBackend backend;
  private final ProofLayout layout;
  private final ProofTranscript transcript;
  private final List<? extends InstanceProver> provers;
  private final Blinding blinding;
  private final StageClock clock;
  private final int maxLog;
  private final NavigableSet<Integer> logs = new TreeSet<>();

  /**
   * An attempt.
   *
   * @param provers one per instance, in order
   */
  ProofAttempt(
      Committer committer,
      VerifyingKey key,
      Statement statement,
      ProofLayout layout,
      List<? extends InstanceProver> provers,
      Blinding blinding,
      StageClock clock) {
    this.committer = committer;
    this.backend = committer.backend();
    this.layout = layout;
    this.provers = provers;
    this.blinding = blinding;
    this.clock = clock;
    this.maxLog = layout.maxLog();
    this.transcript =
        new ProofTranscript(
            key.tauG2().toBytes(),
            key.digest(),
            statement.programDigest(),
            statement,
            layout.instances());
    layout.parts().forEach(p -> logs.add(p.instance().log()));
  }

  /**
   * Proves.
   *
   * @param verifierTerms the sum of the verifier's terms for given challenges, if it exists
   * @return nothing if a challenge meets a tuple, so that another attempt is needed
   */
  Optional<Proof> run(Function<BusChallenges, Optional<Fr>> verifierTerms) {
    clock.enter(Stage.COMMIT);
    List<G1> main = new ArrayList<>();
    for (InstanceProver prover : provers) {
      main.addAll(prover.commitMain());
      clock.step(main.size(), layout.mains());
    }
    BusChallenges challenges = transcript.main(main);

    clock.enter(Stage.HELPERS);
    Optional<Fr> terms = verifierTerms.apply(challenges);
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    List<G1> helpers = new ArrayList<>();
    for (InstanceProver prover : provers) {
      Optional<List<G1>> commitments = prover.commitHelpers(challenges);
      if (commitments.isEmpty()) {
        return Optional.empty();
      }
      helpers.addAll(commitments.get());
      clock.step(helpers.size(), layout.helpers() + 1);
    }
    try (Buffers memory = new Buffers(backend)) {
      DeviceBuffer accumulator = memory.allocate(height(maxLog));
      fillAccumulator(accumulator, terms.get());
      List<Fr> blinder = blinding.accumulator();
      G1 plain = committer.values(maxLog, accumulator);
      helpers.addAll(committer.blind(maxLog, maxLog, List.of(plain), List.of(blinder)));
      Fr y = transcript.helpers(helpers);

      clock.enter(Stage.QUOTIENT);
      List<DeviceBuffer> pieces = quotient(memory, y, blinder);
      List<G1> quotient = pieces.stream().map(p -> committer.coefficients(maxLog, p)).toList();
      OpeningPoints points = new OpeningPoints(layout, transcript.quotient(quotient, maxLog));

      clock.enter(Stage.EVALUATE);
      List<Fr> evaluations = evaluate(points, accumulator, blinder);
      Fr nu = transcript.evaluations(evaluations);

      clock.enter(Stage.OPEN);
      List<DeviceBuffer> combined = combine(memory, points, nu, accumulator, blinder, pieces);
      try (ShplonkProver opening =
          new ShplonkProver(backend, committer.powers(maxLog), openings(points, combined))) {
        G1 w = opening.w();
        G1 wPrime = opening.wPrime(transcript.opening(w, points));
        return Optional.of(
            new Proof(layout.instances(), main, helpers, quotient, evaluations, w, wPrime));
      }
    }
  }

  private static int height(int log) {
    return 1 << log;
  }

  /** The instance provers of a height. */
  private List<InstanceProver> proversOf(int log) {
    List<InstanceProver> some = new ArrayList<>();
    for (int i = 0; i < provers.size(); i++) {
      if (layout.parts().get(i).instance().log() == log) {
        some.add(provers.get(i));
      }
    }
    return some;
  }

  /** Running sums of {@code sum_c (N_c / N) (helpers of class c) + V / N}. */
  private void fillAccumulator(DeviceBuffer accumulator, Fr terms) {
    try (Buffers memory = new Buffers(backend)) {
      DeviceBuffer steps = memory.allocate(height(maxLog));
      Fr scale = Domain.ofLogSize(maxLog).sizeInverse();
      backend.powers(terms.mul(scale), Fr.ONE, steps);
      for (int log : logs) {
        try (Buffers step = new Buffers(backend)) {
          // Inflated to the largest domain, the values of a smaller one repeat.
          DeviceBuffer repeated = step.allocate(height(maxLog));
          DeviceBuffer sum = step.allocate(height(log));
          proversOf(log).forEach(p -> p.addHelpers(sum));
          backend.copy(sum, 0, repeated, 0, height(log));
          for (int l = log; l < maxLog; l++) {
            backend.copy(repeated, 0, repeated, height(l), height(l));
          }
          backend.addScaled(steps, 0, 1, Fr.of(height(log)).mul(scale), repeated);
        }
      }
      backend.prefixSum(steps, accumulator);
    }
  }

  /**
   * The pieces of the quotient, N coefficients each and a mask that the next one takes back. The
   * last one holds what the blinders put beyond 3 N: few coefficients, spread by the strides of low
   * tables.
   */
  private List<DeviceBuffer> quotient(Buffers memory, Fr y, List<Fr> accumulatorBlinder) {
    int n = height(maxLog);
    List<DeviceBuffer> pieces = new ArrayList<>();
    for (int i = 0; i < ProofLayout.QUOTIENT_PIECES; i++) {
      pieces.add(memory.allocate(n + 1));
    }
    int done = 0;
    // The highest first: as heights fall, memory that is let go suffices for what comes.
    for (int log : logs.descendingSet()) {
      try (QuotientSum sum = new QuotientSum(backend, log)) {
        for (InstanceProver prover : proversOf(log)) {
          prover.addQuotient(y, sum);
          clock.step(++done, provers.size() + 1);
        }
        sum.divideInto(pieces, n / height(log));
      }
    }
    addAccumulatorQuotient(pieces.getFirst(), y.pow(layout.constraints() - 1), accumulatorBlinder);
    List<Fr> masks = blinding.quotient();
    for (int i = 0; i < masks.size(); i++) {
      addTo(pieces.get(i), n, masks.get(i));
      addTo(pieces.get(i + 1), 0, masks.get(i).negate());
    }
    return pieces;
  }

  /**
   * The accumulator's constraint is linear and its unblinded part is zero as a polynomial, so the
   * quotient is what the blinders leave: {@code b_A(wX) - b_A(X) - sum_c (N_c / N) b_c(X^(N/N_c))},
   * of degree less than N.
   */
  private void addAccumulatorQuotient(DeviceBuffer q0, Fr factor, List<Fr> blinder) {
    Fr w = Fr.rootOfUnity(maxLog);
    for (int i = 0; i < blinder.size(); i++) {
      addTo(q0, i, blinder.get(i).mul(w.pow(i).sub(Fr.ONE)).mul(factor));
    }
    int n = height(maxLog);
    for (int i = 0; i < provers.size(); i++) {
      int stride = n / layout.parts().get(i).instance().height();
      Fr scale = Fr.of(stride).inverse().mul(factor);
      List<Fr> helperBlinder = provers.get(i).helperBlinder();
      for (int k = 0; k < helperBlinder.size(); k++) {
        addTo(q0, k * stride, helperBlinder.get(k).mul(scale).negate());
      }
    }
  }

  private void addTo(DeviceBuffer buffer, int index, Fr value) {
    backend.set(buffer, index, backend.get(buffer, index).add(value));
  }

  private List<Fr> evaluate(OpeningPoints points, DeviceBuffer accumulator, List<Fr> blinder) {
    List<List<Fr>> byInstance = new ArrayList<>(Collections.nCopies(provers.size(), List.of()));
    Fr atPoint = Fr.ZERO;
    Fr atNext = Fr.ZERO;
    for (int log : logs) {
      try (Buffers memory = new Buffers(backend)) {
        DeviceBuffer lagrange = memory.allocate(height(log));
        DeviceBuffer nextLagrange = memory.allocate(height(log));
        backend.lagrangeAt(points.at(log), lagrange);
        backend.lagrangeAt(points.next(log), nextLagrange);
        for (int i = 0; i < provers.size(); i++) {
          if (layout.parts().get(i).instance().log() == log) {
            byInstance.set(
                i,
                provers.get(i).evaluate(points.at(log), lagrange, points.next(log), nextLagrange));
            clock.progress((double) i / provers.size());
          }
        }
        if (log == maxLog) {
          atPoint =
              backend
                  .innerProduct(lagrange, accumulator)
                  .add(LocalInstanceProver.blinderAt(blinder, log, points.at(log)));
          atNext =
              backend
                  .innerProduct(nextLagrange, accumulator)
                  .add(LocalInstanceProver.blinderAt(blinder, log, points.next(log)));
        }
      }
    }
    List<Fr> evaluations = new ArrayList<>();
    byInstance.forEach(evaluations::addAll);
    evaluations.add(atPoint);
    evaluations.add(atNext);
    return evaluations;
  }

  /** The combined polynomials {@code F_j}, one per opening group, by coefficients. */
  private List<DeviceBuffer> combine(
      Buffers memory,
      OpeningPoints points,
      Fr nu,
      DeviceBuffer accumulator,
      List<Fr> accumulatorBlinder,
      List<DeviceBuffer> pieces) {
    List<DeviceBuffer> combined = new ArrayList<>();
    Fr power = Fr.ONE;
    for (ProofLayout.Group group : layout.groups()) {
      int n = height(group.log());
      boolean top = group.log() == maxLog;
      List<Fr> blinder = new ArrayList<>(Collections.nCopies(Blinding.PAIR, Fr.ZERO));
      DeviceBuffer f = memory.allocate(n + Blinding.PAIR);
      try (Buffers step = new Buffers(backend)) {
        DeviceBuffer values = step.allocate(n);
        power = addMembers(group, power, nu, values, blinder);
        if (top && group.pair()) {
          backend.addScaled(values, 0, 1, power, accumulator);
          LocalInstanceProver.addTo(blinder, power, accumulatorBlinder);
          power = power.mul(nu);
        }
        backend.intt(values, values);
        backend.copy(values, 0, f, 0, n);
      }
      LocalInstanceProver.addBlinder(backend, f, n, blinder);
      if (top && !group.pair()) {
        Fr factor = power;
        for (DeviceBuffer piece : pieces) {
          backend.addScaled(f, 0, 1, factor, piece);
          factor = factor.mul(points.vanishing().add(Fr.ONE));
        }
        power = power.mul(nu);
      }
      combined.add(f);
      clock.step(combined.size(), layout.groups().size() + 2);
    }
    return combined;
  }

  /** Adds a group's columns, from the given power of nu on; returns the next power. */
  private Fr addMembers(
      ProofLayout.Group group, Fr first, Fr nu, DeviceBuffer values, List<Fr> blinder) {
    Fr power = first;
    for (int i = 0; i < provers.size(); i++) {
      List<Integer> slots = new ArrayList<>();
      List<Fr> factors = new ArrayList<>();
      for (ProofLayout.Member member : group.members()) {
        if (member.part().index() == i) {
          slots.add(member.slot());
          factors.add(power);
          power = power.mul(nu);
        }
      }
      if (!slots.isEmpty()) {
        provers.get(i).addSlots(slots, factors, values, blinder);
      }
    }
    return power;
  }

  private List<ShplonkProver.Group> openings(OpeningPoints points, List<DeviceBuffer> combined) {
    List<ShplonkProver.Group> openings = new ArrayList<>();
    for (int j = 0; j < combined.size(); j++) {
      openings.add(new ShplonkProver.Group(points.set(layout.groups().get(j)), combined.get(j)));
    }
    return openings;
  }
}

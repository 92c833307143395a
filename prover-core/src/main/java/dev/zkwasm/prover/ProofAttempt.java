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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * The coordinator: runs the rounds of one proof over its instance provers. It has the transcript,
 * the accumulator and the quotient; it never sees a witness. What it computes is in {@code
 * docs/spec/protocol.md}, round by round.
 */
final class ProofAttempt {
  /**
   * Committed cells for which it pays to wait for the backend to be warm: a second or two on the
   * CPU, once, in which it would do about so many while it delays its warming up.
   */
  private static final long WARM_CELLS = 1 << 16;

  private final DeviceTeam team;
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
   * @param team the devices
   * @param provers one per instance, in order, each on its device
   */
  ProofAttempt(
      DeviceTeam team,
      VerifyingKey key,
      Statement statement,
      ProofLayout layout,
      List<? extends InstanceProver> provers,
      Blinding blinding,
      StageClock clock) {
    this.team = team;
    this.committer = team.coordinator();
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
    if (cells() >= WARM_CELLS) {
      backend.awaitWarmUp();
    }
    List<G1> main = new ArrayList<>();
    team.run(
        team.tasks(allProvers(), i -> provers.get(i).commitMain()),
        commitments -> {
          main.addAll(commitments);
          clock.step(main.size(), layout.mains());
        });
    BusChallenges challenges = transcript.main(main);

    clock.enter(Stage.HELPERS);
    Optional<Fr> terms = verifierTerms.apply(challenges);
    if (terms.isEmpty()) {
      return Optional.empty();
    }
    List<G1> helpers = new ArrayList<>();
    AtomicBoolean unlucky = new AtomicBoolean();
    team.run(
        team.tasks(allProvers(), i -> provers.get(i).commitHelpers(challenges)),
        commitments -> {
          unlucky.compareAndSet(false, commitments.isEmpty());
          helpers.addAll(commitments.orElse(List.of()));
          clock.step(helpers.size(), layout.helpers() + 1);
        });
    if (unlucky.get()) {
      return Optional.empty();
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

  private long cells() {
    return layout.parts().stream()
        .mapToLong(
            p -> (long) (p.table().main().size() + p.table().helpers()) << p.instance().log())
        .sum();
  }

  private static int height(int log) {
    return 1 << log;
  }

  private List<Integer> allProvers() {
    return IntStream.range(0, provers.size()).boxed().toList();
  }

  /** The instance provers of a height. */
  private List<Integer> proversOf(int log) {
    return allProvers().stream()
        .filter(i -> layout.parts().get(i).instance().log() == log)
        .toList();
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
          team.gather(proversOf(log), sum, (part, i) -> provers.get(i).addHelpers(part));
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
    AtomicInteger done = new AtomicInteger();
    // The highest first: as heights fall, memory that is let go suffices for what comes.
    for (int log : logs.descendingSet()) {
      Set<ComputeBackend> devices = new LinkedHashSet<>(team.byDevice(proversOf(log)).keySet());
      devices.add(backend);
      try (PerDevice<QuotientSum> sums =
          new PerDevice<>(team, devices, device -> new QuotientSum(device, log))) {
        team.run(
            team.tasks(
                proversOf(log),
                i -> {
                  provers.get(i).addQuotient(y, sums.on(team.device(i)));
                  return i;
                }),
            i -> clock.step(done.incrementAndGet(), provers.size() + 1));
        QuotientSum total = sums.on(backend);
        List<DeviceTeam.Task<QuotientSum.Part>> others = new ArrayList<>();
        devices.remove(backend);
        devices.forEach(d -> others.add(new DeviceTeam.Task<>(d, sums.on(d)::part)));
        team.run(others, total::add);
        total.divideInto(pieces, n / height(log));
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
    AtomicInteger done = new AtomicInteger();
    for (int log : logs) {
      Fr point = points.at(log);
      Fr nextPoint = points.next(log);
      Set<ComputeBackend> devices = new LinkedHashSet<>(team.byDevice(proversOf(log)).keySet());
      if (log == maxLog) {
        devices.add(backend);
      }
      try (PerDevice<Lagrange> lagrange =
          new PerDevice<>(team, devices, device -> new Lagrange(device, log, point, nextPoint))) {
        team.run(
            team.tasks(
                proversOf(log),
                i -> {
                  Lagrange own = lagrange.on(team.device(i));
                  byInstance.set(
                      i, provers.get(i).evaluate(point, own.atPoint, nextPoint, own.atNext));
                  return i;
                }),
            i -> clock.step(done.incrementAndGet(), provers.size()));
        if (log == maxLog) {
          Lagrange own = lagrange.on(backend);
          atPoint =
              backend
                  .innerProduct(own.atPoint, accumulator)
                  .add(LocalInstanceProver.blinderAt(blinder, log, point));
          atNext =
              backend
                  .innerProduct(own.atNext, accumulator)
                  .add(LocalInstanceProver.blinderAt(blinder, log, nextPoint));
        }
      }
    }
    List<Fr> evaluations = new ArrayList<>();
    byInstance.forEach(evaluations::addAll);
    evaluations.add(atPoint);
    evaluations.add(atNext);
    return evaluations;
  }

  /** The Lagrange bases of a height at the two points, on a device. */
  private static final class Lagrange implements PerDevice.Freed {
    private final Buffers memory;
    private final DeviceBuffer atPoint;
    private final DeviceBuffer atNext;

    Lagrange(ComputeBackend device, int log, Fr point, Fr nextPoint) {
      memory = new Buffers(device);
      boolean done = false;
      try {
        atPoint = memory.scratch(height(log));
        atNext = memory.scratch(height(log));
        device.lagrangeAt(point, atPoint);
        device.lagrangeAt(nextPoint, atNext);
        done = true;
      } finally {
        if (!done) {
          memory.close();
        }
      }
    }

    @Override
    public void close() {
      memory.close();
    }
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
    SortedMap<Integer, Slots> slots = new TreeMap<>();
    for (int i = 0; i < provers.size(); i++) {
      for (ProofLayout.Member member : group.members()) {
        if (member.part().index() == i) {
          slots.computeIfAbsent(i, k -> new Slots()).add(member.slot(), power);
          power = power.mul(nu);
        }
      }
    }
    team.gather(
        List.copyOf(slots.keySet()),
        values,
        (sum, i) -> {
          Slots some = Objects.requireNonNull(slots.get(i));
          provers.get(i).addSlots(some.slots, some.factors, sum, some.blinder);
        });
    slots.values().forEach(some -> LocalInstanceProver.addTo(blinder, Fr.ONE, some.blinder));
    return power;
  }

  /** Slots of an instance with their factors, and what their blinders add up to. */
  private static final class Slots {
    private final List<Integer> slots = new ArrayList<>();
    private final List<Fr> factors = new ArrayList<>();
    private final List<Fr> blinder = new ArrayList<>(Collections.nCopies(Blinding.PAIR, Fr.ZERO));

    void add(int slot, Fr factor) {
      slots.add(slot);
      factors.add(factor);
    }
  }

  private List<ShplonkProver.Group> openings(OpeningPoints points, List<DeviceBuffer> combined) {
    List<ShplonkProver.Group> openings = new ArrayList<>();
    for (int j = 0; j < combined.size(); j++) {
      openings.add(new ShplonkProver.Group(points.set(layout.groups().get(j)), combined.get(j)));
    }
    return openings;
  }
}

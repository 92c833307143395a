package dev.zkwasm.kzg;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Msm;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The batch opening, prover against verifier, and the verifier against every alteration of a claim.
 */
class ShplonkTest {
  private static final Random RANDOM = new Random(77);
  private static final int LOG = 7;
  private static final Srs SRS = DevelopmentSrs.inMemory(LOG);
  private static final ShplonkVerifier VERIFIER = new ShplonkVerifier(SRS.tauG2());

  private static Fr random() {
    return Fr.of(new BigInteger(300, RANDOM));
  }

  private static FrVector randomPolynomial(int size) {
    FrVector f = new FrVector(size);
    for (int i = 0; i < size; i++) {
      f.set(i, random());
    }
    return f;
  }

  private static Fr evaluate(FrVector f, Fr x) {
    Fr y = Fr.ZERO;
    for (int i = f.size() - 1; i >= 0; i--) {
      y = y.mul(x).add(f.get(i));
    }
    return y;
  }

  private static G1 commit(FrVector f) {
    return G1Msm.sum(SRS.powers(LOG).slice(0, f.size()), f);
  }

  /** A honest instance: polynomials of several sizes in groups of one and two points. */
  private static final class Instance {
    final Fr nu = random();
    final Fr u = random();
    final List<List<Fr>> sets = new ArrayList<>();
    final List<List<FrVector>> members = new ArrayList<>();

    Instance(int[][] groups) {
      for (int[] sizes : groups) {
        Fr point = random();
        boolean pair = sets.size() % 2 == 1;
        sets.add(pair ? List.of(point, random()) : List.of(point));
        List<FrVector> polynomials = new ArrayList<>();
        for (int size : sizes) {
          polynomials.add(randomPolynomial(size));
        }
        members.add(polynomials);
      }
    }

    List<OpeningGroup> claims() {
      List<OpeningGroup> groups = new ArrayList<>();
      for (int j = 0; j < sets.size(); j++) {
        List<OpeningGroup.Claim> claims = new ArrayList<>();
        for (FrVector f : members.get(j)) {
          List<Fr> values = sets.get(j).stream().map(x -> evaluate(f, x)).toList();
          claims.add(new OpeningGroup.Claim(Combination.of(commit(f)), values));
        }
        groups.add(new OpeningGroup(sets.get(j), claims));
      }
      return groups;
    }

    /** F_j, whose members are numbered through all groups. */
    List<FrVector> combined() {
      List<FrVector> all = new ArrayList<>();
      Fr power = Fr.ONE;
      for (List<FrVector> polynomials : members) {
        FrVector sum =
            new FrVector(polynomials.stream().mapToInt(FrVector::size).max().orElseThrow());
        for (FrVector f : polynomials) {
          for (int i = 0; i < f.size(); i++) {
            sum.set(i, sum.get(i).add(f.get(i).mul(power)));
          }
          power = power.mul(nu);
        }
        all.add(sum);
      }
      return all;
    }

    List<G1> prove() {
      try (ComputeBackend backend = Backends.open("cpu", BackendOptions.defaults());
          Bases powers = backend.uploadBases(SRS.powers(LOG))) {
        List<DeviceBuffer> buffers = new ArrayList<>();
        List<ShplonkProver.Group> groups = new ArrayList<>();
        for (FrVector f : combined()) {
          DeviceBuffer buffer = backend.upload(new TypedVector.Field(f));
          buffers.add(buffer);
          groups.add(new ShplonkProver.Group(sets.get(groups.size()), buffer));
        }
        try (ShplonkProver prover = new ShplonkProver(backend, powers, groups)) {
          return List.of(prover.w(), prover.wPrime(u));
        } finally {
          buffers.forEach(DeviceBuffer::close);
        }
      }
    }
  }

  private static final int[][] SHAPE = {{128, 3, 1}, {128 + Srs.EXTRA_POWERS, 7}, {20, 20}, {5}};

  @Test
  void honestOpeningsAreAccepted() {
    for (int[][] shape :
        new int[][][] {SHAPE, {{1}}, {{1}, {1}}, {{1}, {2}}, {{64, 64, 64}, {143}}}) {
      Instance instance = new Instance(shape);
      List<G1> proof = instance.prove();
      assertTrue(
          VERIFIER.verify(instance.claims(), instance.nu, proof.get(0), instance.u, proof.get(1)));
    }
  }

  @Test
  void proofMatchesTheDefinitionInTheExponent() {
    // With tau known, W and W' are field computations from values alone: nothing in common with the
    // prover.
    Instance instance = new Instance(SHAPE);
    Fr tau =
        Fr.of(
            new BigInteger(
                1,
                Keccak256.hash(
                    "zkwasm development reference string: INSECURE"
                        .getBytes(StandardCharsets.US_ASCII))));
    Fr w = Fr.ZERO;
    Fr l = Fr.ZERO;
    for (int j = 0; j < instance.sets.size(); j++) {
      FrVector f = instance.combined().get(j);
      List<Fr> set = instance.sets.get(j);
      Fr zTau = set.stream().map(tau::sub).reduce(Fr.ONE, Fr::mul);
      Fr zU = set.stream().map(instance.u::sub).reduce(Fr.ONE, Fr::mul);
      w = w.add(evaluate(f, tau).sub(remainder(f, set, tau)).mul(zTau.inverse()));
      l = l.add(evaluate(f, tau).sub(remainder(f, set, instance.u)).mul(zU.inverse()));
    }
    l = l.sub(w);
    List<G1> proof = instance.prove();
    assertEquals(G1.GENERATOR.mul(w), proof.get(0));
    assertEquals(G1.GENERATOR.mul(l.mul(tau.sub(instance.u).inverse())), proof.get(1));
  }

  /** The interpolation of f's values on the set, at x. */
  private static Fr remainder(FrVector f, List<Fr> set, Fr x) {
    Fr a = set.getFirst();
    Fr fa = evaluate(f, a);
    if (set.size() == 1) {
      return fa;
    }
    Fr b = set.getLast();
    return fa.add(evaluate(f, b).sub(fa).mul(x.sub(a)).mul(b.sub(a).inverse()));
  }

  @Test
  void everyAlteredClaimIsRefused() {
    Instance instance = new Instance(SHAPE);
    List<OpeningGroup> claims = instance.claims();
    List<G1> proof = instance.prove();
    for (int j = 0; j < claims.size(); j++) {
      OpeningGroup group = claims.get(j);
      for (int i = 0; i < group.claims().size(); i++) {
        OpeningGroup.Claim claim = group.claims().get(i);
        for (int k = 0; k < claim.values().size(); k++) {
          List<Fr> values = new ArrayList<>(claim.values());
          values.set(k, values.get(k).add(Fr.ONE));
          refuse(
              instance,
              replace(claims, j, i, new OpeningGroup.Claim(claim.commitment(), values)),
              proof);
        }
        G1 other = claim.commitment().points().getFirst().add(G1.GENERATOR);
        refuse(
            instance,
            replace(claims, j, i, new OpeningGroup.Claim(Combination.of(other), claim.values())),
            proof);
      }
      List<OpeningGroup> moved = new ArrayList<>(claims);
      List<Fr> points = new ArrayList<>(group.points());
      points.set(0, points.getFirst().add(Fr.ONE));
      moved.set(j, new OpeningGroup(points, group.claims()));
      refuse(instance, moved, proof);
    }
    assertTrue(VERIFIER.verify(claims, instance.nu, proof.get(0), instance.u, proof.get(1)));
  }

  @Test
  void alteredProofAndChallengesAreRefused() {
    Instance instance = new Instance(SHAPE);
    List<OpeningGroup> claims = instance.claims();
    List<G1> proof = instance.prove();
    G1 w = proof.get(0);
    G1 wPrime = proof.get(1);
    for (G1 bad :
        List.of(G1.INFINITY, G1.GENERATOR, w.negate(), wPrime.negate(), w.add(G1.GENERATOR))) {
      assertFalse(VERIFIER.verify(claims, instance.nu, bad, instance.u, wPrime));
      assertFalse(VERIFIER.verify(claims, instance.nu, w, instance.u, bad));
    }
    assertFalse(VERIFIER.verify(claims, instance.nu, wPrime, instance.u, w));
    assertFalse(VERIFIER.verify(claims, instance.nu.add(Fr.ONE), w, instance.u, wPrime));
    assertFalse(VERIFIER.verify(claims, instance.nu, w, instance.u.add(Fr.ONE), wPrime));
    assertFalse(VERIFIER.verify(claims.reversed(), instance.nu, w, instance.u, wPrime));
    // Another reference string.
    assertFalse(
        new ShplonkVerifier(SRS.tauG2().mul(Fr.of(2)))
            .verify(claims, instance.nu, w, instance.u, wPrime));
  }

  @Test
  void combinationsCountAsTheirSum() {
    FrVector f = randomPolynomial(30);
    FrVector g = randomPolynomial(50);
    Fr a = random();
    Fr b = random();
    FrVector sum = new FrVector(50);
    for (int i = 0; i < 50; i++) {
      sum.set(i, g.get(i).mul(b).add(i < 30 ? f.get(i).mul(a) : Fr.ZERO));
    }
    Instance instance = new Instance(new int[][] {{1}});
    instance.members.set(0, List.of(sum));
    Fr x = instance.sets.getFirst().getFirst();
    Combination combination = new Combination(List.of(commit(f), commit(g)), List.of(a, b));
    OpeningGroup.Claim claim = new OpeningGroup.Claim(combination, List.of(evaluate(sum, x)));
    List<G1> proof = instance.prove();
    List<OpeningGroup> groups = List.of(new OpeningGroup(instance.sets.getFirst(), List.of(claim)));
    assertTrue(VERIFIER.verify(groups, instance.nu, proof.get(0), instance.u, proof.get(1)));
    assertThrows(
        IllegalArgumentException.class, () -> new Combination(List.of(G1.GENERATOR), List.of()));
  }

  @Test
  void challengeOnAnOpeningPointIsAnError() {
    Instance instance = new Instance(SHAPE);
    List<OpeningGroup> claims = instance.claims();
    Fr point = instance.sets.get(1).get(1);
    assertThrows(
        IllegalArgumentException.class,
        () -> VERIFIER.verify(claims, instance.nu, G1.GENERATOR, point, G1.GENERATOR));
  }

  @Test
  void malformedGroupsAreErrors() {
    OpeningGroup.Claim claim =
        new OpeningGroup.Claim(Combination.of(G1.GENERATOR), List.of(Fr.ONE));
    Fr x = Fr.of(5);
    assertThrows(IllegalArgumentException.class, () -> new OpeningGroup(List.of(), List.of(claim)));
    assertThrows(IllegalArgumentException.class, () -> new OpeningGroup(List.of(x), List.of()));
    assertThrows(
        IllegalArgumentException.class, () -> new OpeningGroup(List.of(x, x), List.of(claim)));
    assertThrows(
        IllegalArgumentException.class, () -> new OpeningGroup(List.of(x, Fr.ONE), List.of(claim)));
  }

  private static void refuse(Instance instance, List<OpeningGroup> claims, List<G1> proof) {
    assertFalse(VERIFIER.verify(claims, instance.nu, proof.get(0), instance.u, proof.get(1)));
  }

  private static List<OpeningGroup> replace(
      List<OpeningGroup> claims, int j, int i, OpeningGroup.Claim claim) {
    List<OpeningGroup.Claim> members = new ArrayList<>(claims.get(j).claims());
    members.set(i, claim);
    List<OpeningGroup> all = new ArrayList<>(claims);
    all.set(j, new OpeningGroup(claims.get(j).points(), members));
    return all;
  }
}

package dev.zkwasm.kzg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Msm;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.curve.Pairing;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.transcript.Keccak256;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevelopmentSrsTest {
  private static final Fr TAU =
      Fr.of(
          new BigInteger(
              1,
              Keccak256.hash(
                  "zkwasm development reference string: INSECURE"
                      .getBytes(StandardCharsets.US_ASCII))));

  @Test
  void powersAreThePowersOfTau() {
    Srs srs = DevelopmentSrs.inMemory(8);
    for (int log : new int[] {0, 1, 8}) {
      G1Vector powers = srs.powers(log);
      assertEquals((1 << log) + Srs.EXTRA_POWERS, powers.size());
      G1 expected = G1.GENERATOR;
      for (int i = 0; i < powers.size(); i++) {
        assertEquals(expected, powers.get(i));
        expected = expected.mul(TAU);
      }
    }
  }

  @Test
  void lagrangeBasisCommitsToValues() {
    // A polynomial committed by coefficients and by its values on the subgroup: the same point.
    Srs srs = DevelopmentSrs.inMemory(8);
    for (int log : new int[] {0, 1, 2, 8}) {
      int n = 1 << log;
      FrVector coefficients = new FrVector(n);
      for (int i = 0; i < n; i++) {
        coefficients.set(i, Fr.of(i * 7L - 3).pow(5));
      }
      FrVector values = new FrVector(n);
      Fr x = Fr.ONE;
      for (int i = 0; i < n; i++) {
        Fr y = Fr.ZERO;
        for (int j = n - 1; j >= 0; j--) {
          y = y.mul(x).add(coefficients.get(j));
        }
        values.set(i, y);
        x = x.mul(Fr.rootOfUnity(log));
      }
      assertEquals(
          G1Msm.sum(srs.powers(log).slice(0, n), coefficients),
          G1Msm.sum(srs.lagrange(log), values));
      assertArrayEquals(
          srs.lagrange(log).limbs(),
          GroupTransform.lagrangeFromPowers(srs.powers(log), log).limbs());
      FrVector interpolated = GroupTransform.interpolate(values);
      assertArrayEquals(coefficients.limbs(), interpolated.limbs());
    }
  }

  @Test
  void secondGroupElementBelongs() {
    Srs srs = DevelopmentSrs.inMemory();
    assertEquals(20, srs.maxLog());
    assertEquals(G2.GENERATOR.mul(TAU), srs.tauG2());
    assertTrue(
        Pairing.productIsOne(
            List.of(
                new Pairing.Pair(srs.powers(1).get(1), G2.GENERATOR),
                new Pairing.Pair(G1.GENERATOR.negate(), srs.tauG2()))));
  }

  @Test
  void idIsFrozen() {
    // Keys, proofs and caches name it.
    assertEquals(
        "26ff5dd727ef9e48f69c6ee6036c9a95c4525e8b832a2974bd0a4795bea98313",
        DevelopmentSrs.inMemory().id());
  }

  @Test
  void insecurityIsReadFromThePoint() {
    Srs srs = DevelopmentSrs.inMemory();
    assertTrue(srs.insecureDevelopment());
    assertTrue(srs.origin().contains("INSECURE"));
    assertTrue(Srs.insecureDevelopment(G2.fromBytes(srs.tauG2().toBytes(), 0)));
    assertFalse(Srs.insecureDevelopment(G2.GENERATOR));
    assertFalse(Srs.insecureDevelopment(srs.tauG2().negate()));
  }

  @Test
  void heightsOutsideTheStringAreRefused() {
    Srs srs = DevelopmentSrs.inMemory(7);
    assertThrows(IllegalArgumentException.class, () -> srs.lagrange(8));
    assertThrows(IllegalArgumentException.class, () -> srs.powers(-1));
    assertThrows(IllegalArgumentException.class, () -> DevelopmentSrs.inMemory(3));
    assertThrows(IllegalArgumentException.class, () -> DevelopmentSrs.inMemory(25));
  }

  @Test
  void theSameObjectIsReturned() {
    Srs srs = DevelopmentSrs.inMemory(7);
    assertSame(srs.lagrange(5), srs.lagrange(5));
    assertSame(srs.powers(5), srs.powers(5));
  }

  @Test
  void filesAreWrittenAndRead(@TempDir Path directory) throws IOException {
    long[] computed = DevelopmentSrs.inMemory(7).lagrange(6).limbs();
    assertArrayEquals(computed, DevelopmentSrs.cachedIn(directory, 7).lagrange(6).limbs());
    Path file = onlyFile(directory);
    // A valid file with other points: it is what is read.
    BasisFiles files = new BasisFiles(directory, DevelopmentSrs.TAU_G2);
    G1Vector other = new G1Vector(64);
    other.set(0, G1.GENERATOR);
    files.write(new Basis(Basis.Kind.LAGRANGE, 6), other);
    assertEquals(file, onlyFile(directory));
    assertArrayEquals(other.limbs(), DevelopmentSrs.cachedIn(directory, 7).lagrange(6).limbs());
  }

  @Test
  void damagedFilesAreComputedAgain(@TempDir Path directory) throws IOException {
    long[] computed = DevelopmentSrs.cachedIn(directory, 7).lagrange(4).limbs();
    Path file = onlyFile(directory);
    byte[] good = Files.readAllBytes(file);
    List<byte[]> damaged = new ArrayList<>();
    for (int at : new int[] {0, 20, 48, 49, 50, 700, good.length - 1}) {
      byte[] copy = good.clone();
      copy[at] ^= 1;
      damaged.add(copy);
    }
    damaged.add(new byte[0]);
    damaged.add(Arrays.copyOf(good, good.length - 1));
    damaged.add(Arrays.copyOf(good, good.length + 1));
    for (byte[] bytes : damaged) {
      Files.write(file, bytes);
      assertArrayEquals(computed, DevelopmentSrs.cachedIn(directory, 7).lagrange(4).limbs());
      assertArrayEquals(good, Files.readAllBytes(file), "repaired");
    }
    assertEquals(file, onlyFile(directory));
  }

  @Test
  void aFileOfAnotherBasisIsNotTaken(@TempDir Path directory) throws IOException {
    DevelopmentSrs srs = DevelopmentSrs.cachedIn(directory, 7);
    srs.lagrange(3);
    Path folder = directory.resolve(srs.id());
    Files.copy(folder.resolve("lagrange-3.g1"), folder.resolve("lagrange-4.g1"));
    assertArrayEquals(
        DevelopmentSrs.inMemory(7).lagrange(4).limbs(),
        DevelopmentSrs.cachedIn(directory, 7).lagrange(4).limbs());
  }

  @Test
  void anUnwritableDirectoryOnlyCostsTheCache(@TempDir Path directory) throws IOException {
    Path file = Files.createFile(directory.resolve("a file, not a folder"));
    assertArrayEquals(
        DevelopmentSrs.inMemory(7).lagrange(3).limbs(),
        DevelopmentSrs.cachedIn(file, 7).lagrange(3).limbs());
  }

  @Test
  void manyMayShareTheDirectory(@TempDir Path directory) throws IOException {
    long[] computed = DevelopmentSrs.inMemory(7).lagrange(7).limbs();
    List<CompletableFuture<G1Vector>> reads =
        Stream.generate(
                () ->
                    CompletableFuture.supplyAsync(
                        () -> DevelopmentSrs.cachedIn(directory, 7).lagrange(7)))
            .limit(8)
            .toList();
    for (CompletableFuture<G1Vector> read : reads) {
      assertArrayEquals(computed, read.join().limbs());
    }
    onlyFile(directory);
  }

  private static Path onlyFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> list = files.filter(Files::isRegularFile).toList();
      assertEquals(1, list.size(), "no partial files stay: " + list);
      return list.getFirst();
    }
  }
}

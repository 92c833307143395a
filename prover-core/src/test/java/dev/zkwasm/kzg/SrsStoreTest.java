package dev.zkwasm.kzg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.SharedVectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Import of powers-of-tau files made by snarkjs, and of damaged ones; the store. */
class SrsStoreTest {
  @TempDir private Path directory;
  private Path root;
  private SrsStore store;

  @BeforeEach
  void openStore() {
    root = directory.resolve("strings");
    store = new SrsStore(root, 8);
  }

  @Test
  void anEmptyStoreHasTheDevelopmentString() throws IOException {
    assertEquals(List.of(store.development()), store.list());
    assertTrue(store.development().insecureDevelopment());
    assertEquals(store.development(), store.open(store.development().id()));
    assertFalse(Files.exists(root), "nothing is written before there is something to write");
    for (String id : List.of("", "..", "0".repeat(64), "../" + "0".repeat(61))) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> store.open(id));
      assertTrue(e.toString().contains(store.development().id()), e.toString());
    }
  }

  @Test
  void aPreparedCeremonyIsImported() throws IOException {
    Path file = SharedVectors.file("pot10_final.ptau");
    ImportedSrs imported = store.importPtau(file);
    assertEquals(10, imported.maxLog());
    assertFalse(imported.insecureDevelopment());
    assertEquals("untrusted", imported.origin());
    assertEquals(Srs.id(imported.tauG2()), imported.id());
    assertEquals(G1.GENERATOR, imported.powers(10).get(0));
    assertEquals(1024 + Srs.EXTRA_POWERS, imported.powers(10).size());
    assertArrayEquals(
        imported.powers(10).slice(0, 32 + Srs.EXTRA_POWERS).limbs(), imported.powers(5).limbs());
    // Opened again, also by others; the default stays.
    SrsStore other = new SrsStore(root);
    Srs opened = other.open(imported.id());
    assertArrayEquals(imported.lagrange(10).limbs(), opened.lagrange(10).limbs());
    assertArrayEquals(imported.powers(10).limbs(), opened.powers(10).limbs());
    assertEquals(
        List.of(store.development().id(), imported.id()),
        other.list().stream().map(Srs::id).toList());
    assertTrue(other.development().insecureDevelopment());
    // The ceremony's own Lagrange basis is the one computed from its powers.
    assertArrayEquals(
        GroupTransform.lagrangeFromPowers(imported.powers(6), 6).limbs(),
        opened.lagrange(6).limbs());
    assertThrows(IllegalArgumentException.class, () -> opened.lagrange(11));
  }

  @Test
  void theDevelopmentStringIsRecognisedInAnyFile() throws IOException {
    // A well-formed ceremony file whose tau is the public one: named by its point, not by where it
    // came from.
    Path file = write(PreparedCeremony.of(DevelopmentSrs.inMemory(8), 7));
    ImportedSrs imported = store.importPtau(file);
    assertTrue(imported.insecureDevelopment());
    assertTrue(imported.origin().contains("INSECURE"), imported.origin());
    assertEquals(7, imported.maxLog());
    assertArrayEquals(store.development().lagrange(7).limbs(), imported.lagrange(7).limbs());
    assertEquals(List.of(store.development()), store.list());
    assertEquals(store.development(), store.open(imported.id()));
  }

  @Test
  void missingLagrangeBasesAreComputedOnceAndKept() throws IOException {
    Path file = SharedVectors.file("pot10_final.ptau");
    // The same file without its Lagrange section.
    byte[] prepared = Files.readAllBytes(file);
    Path unprepared = write(withoutSection(prepared, 12));
    ImportedSrs srs = store.importPtau(unprepared);
    Path basis = root.resolve(srs.id()).resolve("lagrange-5.g1");
    assertFalse(Files.exists(basis));
    long[] computed = srs.lagrange(5).limbs();
    assertTrue(Files.exists(basis));
    assertArrayEquals(computed, store.importPtau(file).lagrange(5).limbs());
  }

  @Test
  void damageInTheStoreIsNamed() throws IOException {
    ImportedSrs srs = store.importPtau(SharedVectors.file("pot10_final.ptau"));
    Path folder = root.resolve(srs.id());
    // Lagrange bases can be computed again, powers cannot.
    flip(folder.resolve("lagrange-4.g1"), 100);
    long[] good = srs.lagrange(4).limbs();
    assertArrayEquals(good, store.open(srs.id()).lagrange(4).limbs());
    flip(folder.resolve("powers-10.g1"), 1000);
    Srs opened = store.open(srs.id());
    UncheckedIOException e = assertThrows(UncheckedIOException.class, () -> opened.powers(3));
    assertTrue(
        e.toString().contains("imported again") && e.toString().contains("powers-10.g1"),
        e.toString());
    flip(folder.resolve("srs"), 30);
    IOException damaged = assertThrows(IOException.class, () -> store.open(srs.id()));
    assertTrue(damaged.toString().contains("damaged"), damaged.toString());
    assertEquals(1, store.list().size(), "the others are still there");
    // A descriptor under another id is not believed.
    store.importPtau(SharedVectors.file("pot10_final.ptau"));
    String wrong = "0".repeat(64);
    Files.createDirectories(root.resolve(wrong));
    Files.copy(folder.resolve("srs"), root.resolve(wrong).resolve("srs"));
    assertThrows(IOException.class, () -> store.open(wrong));
  }

  @Test
  void aCeremonyWithoutContributionIsRefused() {
    refuse(SharedVectors.file("pot10_no_contribution.ptau"), "section 3", "tau is 1");
  }

  @Test
  void alteredFilesAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(SharedVectors.file("pot10_final.ptau"));
    int header = section(good, 1);
    int g1 = section(good, 2);
    int g2 = section(good, 3);
    int lagrange = section(good, 12);

    refuse(good, b -> b.put(0, (byte) 'q'), "does not begin");
    refuse(good, b -> b.putInt(4, 2), "version 2");
    refuse(good, b -> b.putInt(8, b.getInt(8) + 1), "ends inside");
    refuse(good, b -> b.putInt(8, b.getInt(8) - 1), "after the last section");
    refuse(good, b -> b.putInt(8, -1), "ends inside");
    refuse(good, b -> b.putInt(header, 48), "section 1");
    refuse(good, b -> b.put(header + 4, (byte) 0), "section 1", "prime");
    for (int power : new int[] {-1, 0, 6, 9, 11, 28, 29, Integer.MAX_VALUE}) {
      refuse(good, b -> b.putInt(header + 36, power), "section");
    }
    for (long length : new long[] {0, -1, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE}) {
      refuse(good, b -> b.putLong(g1 - 8, length));
    }
    // Each first point is the generator, each section belongs to the others.
    swap(good, g1, g1 + 64, 64, "section 2", "generator");
    swap(good, g2, g2 + 128, 128, "section 3", "generator");
    swap(good, g1 + 64, g1 + 128, 64, "section 2", "one tau");
    swap(good, g1 + 64 * 1030, g1 + 64 * 1031, 64, "section 2", "one tau");
    swap(good, g2 + 128, g2 + 256, 128, "section 2", "one tau");
    for (int block : new int[] {1, 63, 127, 1023 + 512}) {
      swap(
          good,
          lagrange + 64 * block,
          lagrange + 64 * (block + 1),
          64,
          "section 12",
          "do not belong");
    }
    // Points that are none.
    refuse(good, b -> b.put(g1 + 64 * 7, (byte) (b.get(g1 + 64 * 7) ^ 1)), "section 2", "point 7 ");
    refuse(
        good,
        b -> b.put(lagrange + 64 * 2046, (byte) (b.get(lagrange + 64 * 2046) ^ 1)),
        "section 12",
        "point 2046 ");
    refuse(
        good, b -> b.put(g2 + 128, (byte) (b.get(g2 + 128) ^ 1)), "section 3", "not on the twist");
    refuse(good, b -> b.put(g1 + 31, (byte) 0xff), "section 2", "point 0 ");
    refuse(good, b -> b.put(g2 + 31, (byte) 0xff), "section 3", "less than the prime");
    refuse(
        good, b -> b.position(g1 + 64 * 3).put(new byte[64]), "section 2", "point 3 is infinity");
    refuse(good, b -> b.position(g2 + 128).put(new byte[128]), "section 3", "tau is zero");
    refuse(
        good,
        b -> b.position(lagrange + 64).put(new byte[64]),
        "section 12",
        "point 1 is infinity");
  }

  @Test
  void theLastLagrangeBlockIsNotRead() throws IOException {
    byte[] good = Files.readAllBytes(SharedVectors.file("pot10_final.ptau"));
    byte[] altered = good.clone();
    Arrays.fill(altered, section(good, 12) + 2047 * 64, section(good, 12) + 4095 * 64, (byte) 0xff);
    assertEquals(10, store.importPtau(write(altered)).maxLog());
  }

  @Test
  void shortenedAndRearrangedFilesAreRefused() throws IOException {
    byte[] good = Files.readAllBytes(SharedVectors.file("pot10_final.ptau"));
    for (int length : new int[] {0, 3, 11, 12, 23, 24, 67, 68, 80, 5000, good.length - 1}) {
      refuse(write(Arrays.copyOf(good, length)), "the file ");
    }
    refuse(write(Arrays.copyOf(good, good.length + 1)), "after the last section");
    for (int type = 1; type <= 3; type++) {
      refuse(write(withoutSection(good, type)), "no section " + type);
    }
    byte[] twice = good.clone();
    ByteBuffer.wrap(twice).order(ByteOrder.LITTLE_ENDIAN).putInt(section(good, 12) - 12, 2);
    refuse(write(twice), "second section 2");
    // A section that claims to go to the end, and many claimed sections, cost nothing.
    byte[] empty = Arrays.copyOf(good, 12);
    ByteBuffer.wrap(empty).order(ByteOrder.LITTLE_ENDIAN).putInt(8, -1);
    refuse(write(empty), "ends inside");
    assertThrows(IOException.class, () -> store.importPtau(directory.resolve("absent")));
    assertEquals(1, store.list().size(), "no refused file leaves anything");
  }

  private void swap(byte[] good, int a, int b, int length, String... reasons) throws IOException {
    byte[] altered = good.clone();
    System.arraycopy(good, a, altered, b, length);
    System.arraycopy(good, b, altered, a, length);
    refuse(write(altered), reasons);
  }

  private void refuse(byte[] good, Consumer<ByteBuffer> change, String... reasons)
      throws IOException {
    byte[] altered = good.clone();
    change.accept(ByteBuffer.wrap(altered).order(ByteOrder.LITTLE_ENDIAN));
    refuse(write(altered), reasons);
  }

  private void refuse(Path file, String... reasons) {
    PtauException e = assertThrows(PtauException.class, () -> store.importPtau(file));
    for (String reason : reasons) {
      assertTrue(e.toString().contains(reason), e.toString());
    }
    assertTrue(e.toString().contains(file.getFileName().toString()), e.toString());
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(Files.createTempFile(directory, "altered", ".ptau"), bytes);
  }

  private static void flip(Path file, int at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[at] ^= 1;
    Files.write(file, bytes);
  }

  /** Where the content of a section starts. */
  private static int section(byte[] file, int type) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = 12;
    while (in.getInt(at) != type) {
      at += 12 + (int) in.getLong(at + 4);
    }
    return at + 12;
  }

  private static byte[] withoutSection(byte[] file, int type) {
    ByteBuffer in = ByteBuffer.wrap(file.clone()).order(ByteOrder.LITTLE_ENDIAN);
    int start = section(file, type) - 12;
    int end = start + 12 + (int) in.getLong(start + 4);
    in.putInt(8, in.getInt(8) - 1);
    byte[] out = new byte[file.length - (end - start)];
    System.arraycopy(in.array(), 0, out, 0, start);
    System.arraycopy(file, end, out, start, file.length - end);
    return out;
  }
}

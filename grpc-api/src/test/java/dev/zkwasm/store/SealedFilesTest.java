package dev.zkwasm.store;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedFilesTest {
  private static final int MIB = 1 << 20;

  @TempDir private Path folder = Path.of("");
  private SealedFiles files =
      new SealedFiles(Path.of(System.getProperty("java.io.tmpdir"), "x"), new byte[32], 0);

  @BeforeEach
  void open() {
    files = new SealedFiles(folder, new byte[32], 64L * MIB);
  }

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  @Test
  void holdsWhatWasSealedAtEverySize() {
    for (int size : new int[] {0, 1, 2, 13, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB + 7}) {
      byte[] secret = random(size);
      String name = files.seal(secret);
      assertEquals(size == 0, name.isEmpty());
      assertArrayEquals(secret, files.open(name));
      if (size > 0) {
        assertArrayEquals(files.fingerprint(secret), files.fingerprint(name));
      }
      files.erase(name);
      files.erase(name);
    }
    assertEquals(0, files.bytes());
  }

  @Test
  void nothingIsInClearAndErasedIsGone() throws IOException {
    byte[] secret = "a secret that is easily found".repeat(100).getBytes(StandardCharsets.UTF_8);
    String name = files.seal(secret);
    Path file = folder.resolve(name);
    byte[] bytes = Files.readAllBytes(file);
    assertFalse(new String(bytes, StandardCharsets.ISO_8859_1).contains("secret"));
    // Whoever linked the file has noise: the key in it is overwritten.
    Files.createLink(folder.resolve("link"), file);
    files.erase(name);
    assertFalse(Files.exists(file));
    assertThrows(StoreException.class, () -> files.open("link"));
    Files.write(folder.resolve("other"), bytes);
    SealedFiles others = new SealedFiles(folder, new byte[] {1}, MIB);
    assertThrows(StoreException.class, () -> others.open("other"));
  }

  /** Every part of a file is bound to its place in it. */
  @Test
  void alteredFilesAreRefused() throws IOException {
    byte[] secret = random(2 * MIB + 5);
    Path file = folder.resolve(files.seal(secret));
    String name = String.valueOf(file.getFileName());
    byte[] good = Files.readAllBytes(file);
    int header = good.length - secret.length - 3 * 28;
    int segment = MIB + 28;
    for (int at :
        new int[] {0, 20, 30, header, header + 12, header + segment + 99, good.length - 1}) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      Files.write(file, bad);
      assertThrows(StoreException.class, () -> files.open(name), "byte " + at);
    }
    for (int length :
        new int[] {
          0, header - 1, header, header + segment, header + 2 * segment, good.length - 1
        }) {
      Files.write(file, Arrays.copyOf(good, length));
      assertThrows(StoreException.class, () -> files.open(name), "length " + length);
    }
    byte[] swapped = good.clone();
    System.arraycopy(good, header, swapped, header + segment, segment);
    System.arraycopy(good, header + segment, swapped, header, segment);
    Files.write(file, swapped);
    assertThrows(StoreException.class, () -> files.open(name));
    Files.write(file, good);
    assertArrayEquals(secret, files.open(name));
  }

  @Test
  void unfinishedFilesAreGoneOnWith() throws IOException {
    byte[] secret = random(3 * MIB);
    for (int first : new int[] {0, 5, MIB, MIB + 1, 2 * MIB + 3}) {
      String name = "upload-" + first;
      assertEquals(-1, files.committed(name));
      try (SealedFiles.Writer writer = files.create(name)) {
        writer.write(secret, 0, first);
        assertEquals(first, writer.size());
      }
      assertThrows(IOException.class, () -> readAll(name));
      int committed = (int) files.committed(name);
      assertTrue(committed <= first && committed % MIB == 0 && first - committed <= MIB);
      // As if the process had died in the middle of a segment.
      Files.write(folder.resolve(name), new byte[100], java.nio.file.StandardOpenOption.APPEND);
      assertEquals(committed, files.committed(name));
      try (SealedFiles.Writer writer = files.append(name)) {
        assertEquals(committed, writer.size());
        writer.write(secret, committed, secret.length - committed);
        writer.finish();
      }
      String renamed = files.rename(name);
      assertArrayEquals(secret, files.open(renamed));
      files.erase(renamed);
    }
  }

  private byte[] readAll(String name) throws IOException {
    try (InputStream in = files.read(name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void roomIsLimitedAndOrphansGo() {
    SealedFiles small = new SealedFiles(folder, new byte[32], MIB);
    String kept = small.seal(random(1000));
    small.seal(random(1000));
    assertThrows(StoreFullException.class, () -> small.seal(random(MIB)));
    // What did not fit has left nothing.
    assertEquals(new SealedFiles(folder, new byte[32], MIB).bytes(), small.bytes());
    small.eraseAllBut(Set.of(kept));
    assertArrayEquals(random(1000), small.open(kept));
    small.erase(kept);
    assertEquals(0, small.bytes());
  }
}

package dev.zkwasm.transcript;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.zkwasm.field.Fr;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bouncycastle.crypto.digests.KeccakDigest;
import org.junit.jupiter.api.Test;

class TranscriptTest {
  @Test
  void keccakIsTheOneOfEthereum() {
    assertEquals(
        "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
        HexFormat.of().formatHex(Keccak256.hash()));
    assertEquals(
        "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
        HexFormat.of().formatHex(Keccak256.hash("a".getBytes(US_ASCII), "bc".getBytes(US_ASCII))));
  }

  /** Every length around the borders of the first blocks, cut into parts anywhere. */
  @Test
  void keccakAgreesWithAnotherImplementation() {
    Random random = new Random(1);
    for (int length = 0; length <= 420; length++) {
      byte[] data = new byte[length];
      random.nextBytes(data);
      KeccakDigest digest = new KeccakDigest(256);
      digest.update(data, 0, length);
      byte[] expected = new byte[Keccak256.BYTES];
      digest.doFinal(expected, 0);
      int a = random.nextInt(length + 1);
      int b = a + random.nextInt(length - a + 1);
      assertArrayEquals(expected, Keccak256.hash(data), "length " + length);
      assertArrayEquals(
          expected,
          Keccak256.hash(
              Arrays.copyOf(data, a),
              Arrays.copyOfRange(data, a, b),
              Arrays.copyOfRange(data, b, length)),
          "length %d cut at %d and %d".formatted(length, a, b));
    }
  }

  /** If this fails, the challenges of all proofs have changed: a new format version is needed. */
  @Test
  void challengesAreFrozen() {
    Transcript transcript = new Transcript();
    transcript.absorb("main", new byte[] {1, 2, 3});
    assertEquals(
        "5805398362717654841699198654072135746651084952774523693254145856841531469012",
        transcript.challenge("alpha").toString());
    assertEquals(
        "5735900136635518896791672619117628213766527985754421845725164095805309398056",
        transcript.challenge("alpha").toString());
    transcript.absorb("", new byte[0]);
    assertEquals(
        "726056878119054385037848777048462357335787161338121187319201851488823521593",
        transcript.challenge("zeta").toString());
  }

  /** The definition, byte by byte, written once more. */
  @Test
  void challengesFollowTheSpecification() {
    byte[] state = Keccak256.hash("zkwasm transcript 1".getBytes(US_ASCII));
    ByteArrayOutputStream absorbed = new ByteArrayOutputStream();
    absorbed.writeBytes(state);
    absorbed.write(0);
    absorbed.write(4);
    absorbed.writeBytes("main".getBytes(US_ASCII));
    absorbed.writeBytes(new byte[] {0, 0, 0, 0, 0, 0, 0, 2, 9, 8});
    state = Keccak256.hash(absorbed.toByteArray());
    byte[] wide = new byte[64];
    for (byte i = 0; i < 2; i++) {
      byte[] half = Keccak256.hash(state, new byte[] {1, i, 1, 'y'});
      System.arraycopy(half, 0, wide, 32 * i, 32);
    }
    Transcript transcript = new Transcript();
    transcript.absorb("main", new byte[] {9, 8});
    assertEquals(Fr.of(new BigInteger(1, wide)), transcript.challenge("y"));
    state = Keccak256.hash(state, new byte[] {2, 1, 'y'});
    for (byte i = 0; i < 2; i++) {
      byte[] half = Keccak256.hash(state, new byte[] {1, i, 1, 'u'});
      System.arraycopy(half, 0, wide, 32 * i, 32);
    }
    assertEquals(Fr.of(new BigInteger(1, wide)), transcript.challenge("u"));
  }

  @Test
  void everyPartOfTheHistoryMatters() {
    Set<Fr> challenges =
        Stream.of(
                List.of("ab", "c"),
                List.of("a", "bc"),
                List.of("abc", ""),
                List.of("ab", "c", "ab", "c"),
                List.of("c", "ab"))
            .map(
                history -> {
                  Transcript transcript = new Transcript();
                  for (int i = 0; i < history.size(); i += 2) {
                    transcript.absorb(history.get(i), history.get(i + 1).getBytes(US_ASCII));
                  }
                  return transcript.challenge("x");
                })
            .collect(Collectors.toSet());
    assertEquals(5, challenges.size());
    assertNotEquals(new Transcript().challenge("x"), new Transcript().challenge("y"));
  }

  @Test
  void aLabelIsShort() {
    assertThrows(IllegalArgumentException.class, () -> new Transcript().challenge("x".repeat(256)));
  }
}

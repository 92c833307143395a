package dev.zkwasm.transcript;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.zkwasm.field.Fr;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** If this fails, the challenges of all proofs have changed: a new format version is needed. */
  @Test
  void challengesAreFrozen() {
    Transcript transcript = new Transcript();
    transcript.absorb("main", new byte[] {1, 2, 3});
    assertEquals(
        "9389820266012644620304298943187918218878773216756063455812346568630759212178",
        transcript.challenge("alpha").toString());
    assertEquals(
        "14145963962506930017479406254456582325846183783418297316836706620279005366152",
        transcript.challenge("alpha").toString());
    transcript.absorb("", new byte[0]);
    assertEquals(
        "66949462447353551472128433547434635766516923071339094122960705832915196301",
        transcript.challenge("zeta").toString());
  }

  /** The definition, byte by byte, written once more. */
  @Test
  void challengesFollowTheSpecification() {
    byte[] state = Keccak256.hash("zkwasm transcript 0".getBytes(US_ASCII));
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

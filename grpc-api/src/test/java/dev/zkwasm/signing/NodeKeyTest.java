package dev.zkwasm.signing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class NodeKeyTest {
  private static final HexFormat HEX = HexFormat.of();

  /** The example of the web3.js documentation, eth.accounts.sign. */
  private static final NodeKey KEY =
      NodeKey.of(HEX.parseHex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318"));

  private static final byte[] MESSAGE = "Some data".getBytes(StandardCharsets.UTF_8);

  @Test
  void signsAsEthereumWalletsDo() {
    assertEquals("2c7536e3605d9c16a7a3d7b1898e529396a65c23", HEX.formatHex(KEY.address()));
    assertEquals(
        "1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655",
        HEX.formatHex(NodeKey.messageHash(MESSAGE)));
    byte[] signature = KEY.signMessage(MESSAGE);
    assertEquals(
        "b91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd"
            + "6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a029"
            + "1c",
        HEX.formatHex(signature));
    assertArrayEquals(KEY.address(), NodeKey.recoverMessage(MESSAGE, signature));
  }

  /**
   * The signer of a verdict, by the arithmetic of the curve written out: what {@code ecrecover}
   * does, with nothing of the code that signs.
   */
  @Test
  void anybodyRecoversTheSignerOfAVerdict() {
    for (int i = 0; i < 8; i++) {
      NodeKey key = NodeKey.generate();
      byte[] signature = Verdicts.sign(key, "request " + i, 1 + i % 3);
      byte[] digest = Verdicts.digest("request " + i, 1 + i % 3);
      byte[] prefixed =
          Keccak256.hash(
              "\u0019Ethereum Signed Message:\n32".getBytes(StandardCharsets.US_ASCII), digest);
      assertArrayEquals(key.address(), EcRecover.address(prefixed, signature));
      assertArrayEquals(key.address(), Verdicts.signer("request " + i, 1 + i % 3, signature));
    }
  }

  /** The encoding, computed word by word. */
  @Test
  void verdictsAreEncodedAsFixed() {
    byte[] words = new byte[96];
    System.arraycopy(hash("zkwasm.verdict.v1"), 0, words, 0, 32);
    System.arraycopy(hash("r-1"), 0, words, 32, 32);
    words[95] = 2;
    assertArrayEquals(Keccak256.hash(words), Verdicts.digest("r-1", 2));
  }

  /**
   * The vectors of {@code docs/spec/operation.md}, computed in Python with docs/verifier's
   * keccak256 and the curve and RFC 6979 written out.
   */
  @Test
  void verdictVectors() {
    String[][] vectors = {
      {
        "r-1",
        "1",
        "8c0c445c646517483da7980f4901d97b180b7f6770e88b6e1e7932358cc772e3",
        "cd825fdad32621f98461091faec5c2c20e39d0564c7fcf9a87c9ca13037fac41"
            + "08e9316faff1968ba5890fb4303ed0747c7f466fe2a30de859e5be41bb6d0bd61b"
      },
      {
        "r-1",
        "2",
        "5fbfe4d308616c869c4c8e1b60545744cbb057cc24668a36d1b71015c864c27e",
        "4652e30c9cbbda7d2903b6f09bff1dc9d8443b1abde7cd5d2651bc3b144aca95"
            + "757c4a4ba331f37e5d131e2d20fea202b5e94bd5535cdbffadc43f4a722ba3f31b"
      },
      {
        "Anfrage \u21167",
        "3",
        "09dbf0217f216dd202af29867fad9b1a301bfd36cb059b86e0e09b14a99d4601",
        "da95184d39755b312795d687f76428bc4ccf0c3d742a2c8dc59131ffd9a8836d"
            + "5b966e1726b0b83b8d8e6786c9478f3afe3c42fe8efd60b6adb87988096289e01b"
      }
    };
    for (String[] vector : vectors) {
      int verdict = Integer.parseInt(vector[1]);
      assertEquals(vector[2], HEX.formatHex(Verdicts.digest(vector[0], verdict)));
      assertEquals(vector[3], HEX.formatHex(Verdicts.sign(KEY, vector[0], verdict)));
    }
  }

  private static byte[] hash(String text) {
    return Keccak256.hash(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void refusesWhatIsNoSignature() {
    byte[] good = KEY.signMessage(MESSAGE);
    byte[] highS = good.clone();
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(good, 32, 64));
    byte[] flipped = EcRecover.ORDER.subtract(s).toByteArray();
    System.arraycopy(flipped, flipped.length - 32, highS, 32, 32);
    highS[64] ^= 27 ^ 28;
    assertThrows(IllegalArgumentException.class, () -> NodeKey.recoverMessage(MESSAGE, highS));
    assertThrows(
        IllegalArgumentException.class,
        () -> NodeKey.recoverMessage(MESSAGE, Arrays.copyOf(good, 64)));
    assertThrows(
        IllegalArgumentException.class, () -> NodeKey.recoverMessage(MESSAGE, new byte[65]));
    byte[] other = good.clone();
    other[40] ^= 1;
    assertFalse(Arrays.equals(KEY.address(), NodeKey.recoverMessage(MESSAGE, other)));
    assertThrows(IllegalArgumentException.class, () -> NodeKey.of(new byte[32]));
    assertThrows(IllegalArgumentException.class, () -> NodeKey.of(new byte[31]));
  }

  /**
   * Key, salt and initial vector of the test vector of Web3 Secret Storage, version 3, encrypted
   * with Python's hashlib.scrypt, OpenSSL's AES and docs/verifier's keccak256. (The vector itself
   * has r=1 and an n that Bouncy Castle does not take with it.)
   */
  @Test
  void readsTheKeyFileOfTheStandard() throws Exception {
    String file =
        """
        {"crypto": {"cipher": "aes-128-ctr",
          "cipherparams": {"iv": "83dbcc02d8ccb40e466191a123791e0e"},
          "ciphertext": "01a05c7f05b697274227d8bd0825a6caa89967e24643426c0fcfa2fb663052d7",
          "kdf": "scrypt",
          "kdfparams": {"dklen": 32, "n": 1024, "p": 1, "r": 8,
            "salt": "ab0c7876052600dd703518d6fc3fe8984592145b591fc8fb5c6d43190334ba19"},
          "mac": "d60a6540bbdeaa746e4c7b4359c74e4bb0b679bedce5b4d129ad96150d200274"},
         "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6", "version": 3}
        """;
    assertEquals(
        "7a28b5ba57c53603b0b07b56bba752f7784bf506fa95edc395f5cf6c7514fe9d",
        HEX.formatHex(KeyFile.decode(file, "testpassword").secret()));
  }

  @Test
  void keyFilesNeedTheirPassphrase() throws Exception {
    String file = KeyFile.encode(KEY, "correct horse", 4);
    assertArrayEquals(KEY.address(), KeyFile.decode(file, "correct horse").address());
    assertFalse(file.contains("4c0883a6"));
    assertThrows(IllegalArgumentException.class, () -> KeyFile.decode(file, "wrong"));
    assertThrows(Exception.class, () -> KeyFile.decode("{}", ""));
    assertThrows(
        java.security.GeneralSecurityException.class,
        () -> KeyFile.decode(file.replace("\"n\": 16.0", "\"n\": 1073741824.0"), "x"));
  }
}

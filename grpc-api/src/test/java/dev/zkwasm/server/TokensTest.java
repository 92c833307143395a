package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final Clock NOW = Clock.fixed(Instant.ofEpochSecond(1_000_000), ZoneOffset.UTC);
  private static final String SECRET = "0123456789abcdef0123456789abcdef";

  @TempDir private Path folder = Path.of("");

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }

  private interface Signer {
    byte[] sign(byte[] bytes) throws GeneralSecurityException;
  }

  private static String token(String algorithm, String claims, Signer signer)
      throws GeneralSecurityException {
    String signed = part("{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}") + "." + part(claims);
    return signed
        + "."
        + Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString(signer.sign(signed.getBytes(StandardCharsets.US_ASCII)));
  }

  private static byte[] hmac(byte[] bytes) throws GeneralSecurityException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
    return mac.doFinal(bytes);
  }

  static String token(String secretHolder, String scope, long expires)
      throws GeneralSecurityException {
    return token(
        "HS256",
        "{\"sub\":\"%s\",\"exp\":%d,\"scope\":\"%s\"}".formatted(secretHolder, expires, scope),
        TokensTest::hmac);
  }

  static Path secret(Path folder) throws IOException {
    return Files.writeString(folder.resolve("secret"), SECRET + "\n");
  }

  private static void refused(Tokens tokens, String token, String words) {
    Tokens.BadToken e = assertThrows(Tokens.BadToken.class, () -> tokens.verify(token, NOW));
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
  }

  @Test
  void claimsAreChecked() throws Exception {
    Tokens tokens = Tokens.of(secret(folder), "node-1");
    String good =
        "{\"sub\":\"alice\",\"exp\":1000100,\"nbf\":999000,\"aud\":[\"x\",\"node-1\"],"
            + "\"scope\":\"submit verify other\"}";
    Caller caller = tokens.verify(token("HS256", good, TokensTest::hmac), NOW);
    assertEquals("alice", caller.name());
    assertEquals(Set.of(Caller.Scope.SUBMIT, Caller.Scope.VERIFY), caller.scopes());
    String[][] bad = {
      {"1000100", "999000", "expired"},
      {"\"exp\":1000100,", "", "expired"},
      {"999000", "1000090", "not valid yet"},
      {"node-1", "node-2", "another audience"},
      {"alice", "", "subject"},
      {"{", "[", "not made of JSON"},
    };
    for (String[] change : bad) {
      refused(
          tokens, token("HS256", good.replace(change[0], change[1]), TokensTest::hmac), change[2]);
    }
    String token = token("HS256", good, TokensTest::hmac);
    refused(tokens, token + "A", "signature");
    refused(tokens, token.substring(0, token.lastIndexOf('.') + 1), "signature");
    refused(tokens, token("HS256", good, bytes -> new byte[32]), "signature");
    // The token does not choose how it is verified.
    refused(tokens, token("none", good, bytes -> new byte[0]), "signed with HS256");
    refused(tokens, "a.b", "three parts");
    refused(tokens, "x".repeat(9000) + "..", "too long");
    refused(tokens, "!.!.!", "base64url");
  }

  @Test
  void verifiesWithPublicKeys() throws Exception {
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(2048);
    KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
    ec.initialize(new ECGenParameterSpec("secp256r1"));
    verifies("RS256", "SHA256withRSA", rsa.generateKeyPair());
    verifies("ES256", "SHA256withECDSAinP1363Format", ec.generateKeyPair());
    verifies("EdDSA", "Ed25519", KeyPairGenerator.getInstance("Ed25519").generateKeyPair());
  }

  private void verifies(String algorithm, String signature, KeyPair keys) throws Exception {
    Path file = pem("PUBLIC", keys.getPublic().getEncoded());
    Tokens tokens = Tokens.of(file, null);
    Signer signer =
        bytes -> {
          Signature s = Signature.getInstance(signature);
          s.initSign(keys.getPrivate());
          s.update(bytes);
          return s.sign();
        };
    String claims = "{\"sub\":\"bob\",\"exp\":1000100,\"scope\":\"admin\"}";
    assertEquals(
        new Caller("bob", Set.of(Caller.Scope.ADMIN)),
        tokens.verify(token(algorithm, claims, signer), NOW));
    // The public key is no secret: it must not serve as one.
    byte[] asSecret = Files.readAllBytes(file);
    refused(
        tokens,
        token(
            "HS256",
            claims,
            bytes -> {
              Mac mac = Mac.getInstance("HmacSHA256");
              mac.init(new SecretKeySpec(asSecret, "HmacSHA256"));
              return mac.doFinal(bytes);
            }),
        "signed with " + algorithm);
  }

  private Path pem(String kind, byte[] encoded) throws IOException {
    return Files.writeString(
        folder.resolve("key.pem"),
        "-----BEGIN %s KEY-----\n%s\n-----END %s KEY-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(encoded), kind));
  }

  @Test
  void weakKeysAreRefused() throws Exception {
    KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
    rsa.initialize(1024);
    KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
    ec.initialize(new ECGenParameterSpec("secp384r1"));
    for (Path file :
        new Path[] {
          Files.writeString(folder.resolve("short"), "short"),
          pem("PUBLIC", rsa.generateKeyPair().getPublic().getEncoded()),
        }) {
      assertThrows(IllegalArgumentException.class, () -> Tokens.of(file, null));
    }
    Path large = pem("PUBLIC", ec.generateKeyPair().getPublic().getEncoded());
    assertThrows(IllegalArgumentException.class, () -> Tokens.of(large, null));
    Path secretKey = pem("PRIVATE", ec.generateKeyPair().getPrivate().getEncoded());
    assertThrows(IllegalArgumentException.class, () -> Tokens.of(secretKey, null));
    Path junk = pem("PUBLIC", new byte[10]);
    assertThrows(IllegalArgumentException.class, () -> Tokens.of(junk, null));
  }
}

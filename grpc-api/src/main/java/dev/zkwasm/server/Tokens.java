package dev.zkwasm.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Verifies JSON Web Tokens (RFC 7519). The key decides the algorithm, never the token: a secret is
 * for HS256, an elliptic curve key for ES256 or EdDSA (Ed25519), an RSA key for RS256. A token must
 * have {@code sub} and {@code exp}; {@code scope} lists what it allows: submit, verify, admin.
 */
public final class Tokens {
  private static final int MIN_SECRET = 32;
  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_TOKEN = 8192;
  private static final String PEM_BEGIN = "-----BEGIN PUBLIC KEY-----";
  private static final String PEM_END = "-----END PUBLIC KEY-----";

  /** Clocks may differ by so much. */
  private static final long LEEWAY_SECONDS = 30;

  private final String algorithm;
  private final byte @Nullable [] secret;
  private final @Nullable PublicKey key;
  private final @Nullable String audience;

  private Tokens(
      String algorithm,
      byte @Nullable [] secret,
      @Nullable PublicKey key,
      @Nullable String audience) {
    this.algorithm = algorithm;
    this.secret = secret;
    this.key = key;
    this.audience = audience;
  }

  /** A token that will not do; the message says why. */
  static final class BadToken extends Exception {
    private static final long serialVersionUID = 1L;

    BadToken(String message) {
      super(message);
    }
  }

  /**
   * Verifies tokens with the key in a file: a public key in PEM, or a secret, which is all other
   * bytes, without white space around them.
   *
   * @param audience what {@code aud} must hold; null: not looked at
   * @throws IllegalArgumentException if the key is too short or of an unknown kind
   */
  public static Tokens of(Path file, @Nullable String audience) throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1).strip();
    if (!text.startsWith("-----BEGIN")) {
      byte[] secret = text.getBytes(StandardCharsets.ISO_8859_1);
      if (secret.length < MIN_SECRET) {
        throw new IllegalArgumentException(
            "%s: a secret of %d bytes, HS256 needs %d".formatted(file, secret.length, MIN_SECRET));
      }
      return new Tokens("HS256", secret, null, audience);
    }
    if (!text.startsWith(PEM_BEGIN) || !text.endsWith(PEM_END)) {
      throw new IllegalArgumentException(file + ": no public key in PEM (BEGIN PUBLIC KEY)");
    }
    byte[] encoded;
    try {
      encoded =
          Base64.getMimeDecoder()
              .decode(text.substring(PEM_BEGIN.length(), text.length() - PEM_END.length()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": no public key in PEM", e);
    }
    for (String kind : List.of("RSA", "EC", "Ed25519")) {
      try {
        PublicKey key =
            KeyFactory.getInstance(kind).generatePublic(new X509EncodedKeySpec(encoded));
        return new Tokens(algorithm(file, key), null, key, audience);
      } catch (GeneralSecurityException e) {
        // Of another kind.
      }
    }
    throw new IllegalArgumentException(file + ": the key is neither RSA, EC nor Ed25519");
  }

  private static String algorithm(Path file, PublicKey key) {
    return switch (key) {
      case RSAPublicKey rsa when rsa.getModulus().bitLength() >= MIN_RSA_BITS -> "RS256";
      case ECPublicKey ec when ec.getParams().getOrder().bitLength() == 256 -> "ES256";
      case EdECPublicKey ed -> "EdDSA";
      default ->
          throw new IllegalArgumentException(
              file + ": RSA keys need 2048 bits, EC keys the curve P-256");
    };
  }

  /**
   * Verifies a token.
   *
   * @throws BadToken if it will not do
   */
  Caller verify(String token, Clock clock) throws BadToken {
    String[] parts = token.split("\\.", -1);
    if (parts.length != 3 || token.length() > MAX_TOKEN) {
      throw new BadToken("it has not three parts, or is too long");
    }
    if (!algorithm.equals(string(json(parts[0]), "alg"))) {
      throw new BadToken("this node takes tokens signed with " + algorithm);
    }
    byte[] signed = (parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII);
    if (!signatureHolds(signed, decode(parts[2]))) {
      throw new BadToken("its signature does not hold");
    }
    Struct claims = json(parts[1]);
    long now = clock.instant().getEpochSecond();
    if (now > number(claims, "exp", Double.NEGATIVE_INFINITY) + LEEWAY_SECONDS) {
      throw new BadToken("it has expired, or does not say when it will");
    }
    if (now < number(claims, "nbf", Double.NEGATIVE_INFINITY) - LEEWAY_SECONDS) {
      throw new BadToken("it is not valid yet");
    }
    if (audience != null && !audiences(claims).contains(audience)) {
      throw new BadToken("it is for another audience than " + audience);
    }
    String subject = string(claims, "sub");
    if (subject.isEmpty() || subject.length() > 256) {
      throw new BadToken("its subject is missing or too long");
    }
    return new Caller(subject, scopes(string(claims, "scope")));
  }

  private boolean signatureHolds(byte[] signed, byte[] signature) {
    try {
      if (secret != null) {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret, "HmacSHA256"));
        return MessageDigest.isEqual(mac.doFinal(signed), signature);
      }
      boolean ecdsa = algorithm.equals("ES256");
      if (ecdsa && signature.length != 64) {
        return false;
      }
      Signature verifier =
          Signature.getInstance(
              switch (algorithm) {
                case "RS256" -> "SHA256withRSA";
                case "ES256" -> "SHA256withECDSAinP1363Format";
                default -> "Ed25519";
              });
      verifier.initVerify(key);
      verifier.update(signed);
      return verifier.verify(signature);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static Set<Caller.Scope> scopes(String text) {
    Set<Caller.Scope> scopes = EnumSet.noneOf(Caller.Scope.class);
    List<String> names = Arrays.asList(text.split(" ", -1));
    for (Caller.Scope scope : Caller.Scope.values()) {
      if (names.contains(scope.name().toLowerCase(Locale.ROOT))) {
        scopes.add(scope);
      }
    }
    return scopes;
  }

  private static List<String> audiences(Struct claims) {
    Value value = claims.getFieldsOrDefault("aud", Value.getDefaultInstance());
    return value.hasListValue()
        ? value.getListValue().getValuesList().stream().map(Value::getStringValue).toList()
        : List.of(value.getStringValue());
  }

  private static byte[] decode(String part) throws BadToken {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw new BadToken("it is not in base64url");
    }
  }

  private static Struct json(String part) throws BadToken {
    Struct.Builder struct = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(new String(decode(part), StandardCharsets.UTF_8), struct);
    } catch (InvalidProtocolBufferException e) {
      throw new BadToken("it is not made of JSON");
    }
    return struct.build();
  }

  private static String string(Struct struct, String name) {
    return struct.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
  }

  private static double number(Struct struct, String name, double missing) {
    Value value = struct.getFieldsOrDefault(name, Value.getDefaultInstance());
    return value.hasNumberValue() ? value.getNumberValue() : missing;
  }
}

package dev.zkwasm.signing;

import dev.zkwasm.transcript.Keccak256;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECAlgorithms;
import org.bouncycastle.math.ec.ECPoint;
import org.bouncycastle.math.ec.FixedPointCombMultiplier;

/**
 * A secp256k1 key. Signatures are those of Ethereum wallets: ECDSA with the nonce of RFC 6979, the
 * lower of the two s, 65 bytes r, s, v with v 27 or 28. Immutable.
 */
public final class NodeKey {
  public static final int SECRET_BYTES = 32;
  public static final int SIGNATURE_BYTES = 65;

  private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN = new ECDomainParameters(CURVE);
  private static final int V_BASE = 27;

  private final BigInteger secret;
  private final byte[] address;

  private NodeKey(BigInteger secret) {
    this.secret = secret;
    this.address = address(new FixedPointCombMultiplier().multiply(CURVE.getG(), secret));
  }

  public static NodeKey generate() {
    SecureRandom random = new SecureRandom();
    byte[] bytes = new byte[SECRET_BYTES];
    while (true) {
      random.nextBytes(bytes);
      BigInteger secret = new BigInteger(1, bytes);
      if (secret.signum() > 0 && secret.compareTo(CURVE.getN()) < 0) {
        return new NodeKey(secret);
      }
    }
  }

  /**
   * @param secret 32 bytes, big-endian, from 1 to the order of the group less 1
   * @throws IllegalArgumentException if they are not
   */
  public static NodeKey of(byte[] secret) {
    BigInteger value = new BigInteger(1, secret);
    if (secret.length != SECRET_BYTES
        || value.signum() == 0
        || value.compareTo(CURVE.getN()) >= 0) {
      throw new IllegalArgumentException("no secp256k1 key");
    }
    return new NodeKey(value);
  }

  byte[] secret() {
    return bytes32(secret);
  }

  /** The account of the key: the last 20 bytes of keccak256 of the public key. */
  public byte[] address() {
    return address.clone();
  }

  /** A key for another purpose, which tells nothing about this one. 32 bytes. */
  public byte[] derive(String purpose) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret(), "HmacSHA256"));
      return mac.doFinal(("zkwasm.node." + purpose).getBytes(StandardCharsets.US_ASCII));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Signs a message as {@code personal_sign} does (EIP-191, version 0x45).
   *
   * @return 65 bytes
   */
  public byte[] signMessage(byte[] message) {
    return sign(messageHash(message));
  }

  /** What is signed for a message: EIP-191 says {@code "\x19Ethereum Signed Message:\n" length}. */
  static byte[] messageHash(byte[] message) {
    byte[] prefix =
        ("\u0019Ethereum Signed Message:\n" + message.length).getBytes(StandardCharsets.US_ASCII);
    return Keccak256.hash(prefix, message);
  }

  private byte[] sign(byte[] hash) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(secret, DOMAIN));
    BigInteger[] signature = signer.generateSignature(hash);
    BigInteger r = signature[0];
    BigInteger s = signature[1];
    if (s.compareTo(CURVE.getN().shiftRight(1)) > 0) {
      s = CURVE.getN().subtract(s);
    }
    byte[] bytes = new byte[SIGNATURE_BYTES];
    System.arraycopy(bytes32(r), 0, bytes, 0, 32);
    System.arraycopy(bytes32(s), 0, bytes, 32, 32);
    for (int v = V_BASE; v < V_BASE + 2; v++) {
      bytes[64] = (byte) v;
      if (Arrays.equals(recover(hash, bytes), address)) {
        return bytes;
      }
    }
    // r above the field's order less the group's: nobody has met such a signature.
    throw new IllegalStateException("the signature cannot be recovered");
  }

  /**
   * Who signed a message with {@code personal_sign}.
   *
   * @param signature 65 bytes
   * @return an address, 20 bytes
   * @throws IllegalArgumentException if it is no signature of anybody
   */
  public static byte[] recoverMessage(byte[] message, byte[] signature) {
    return recover(messageHash(message), signature);
  }

  /** SEC 1, section 4.1.6, for r below the group's order. */
  private static byte[] recover(byte[] hash, byte[] signature) {
    BigInteger n = CURVE.getN();
    if (signature.length != SIGNATURE_BYTES) {
      throw new IllegalArgumentException("a signature has 65 bytes, not " + signature.length);
    }
    BigInteger r = new BigInteger(1, Arrays.copyOf(signature, 32));
    BigInteger s = new BigInteger(1, Arrays.copyOfRange(signature, 32, 64));
    int parity = signature[64] - V_BASE;
    if (r.signum() == 0
        || r.compareTo(n) >= 0
        || s.signum() == 0
        || s.compareTo(n.shiftRight(1)) > 0
        || parity < 0
        || parity > 1) {
      throw new IllegalArgumentException("no signature: r, s or v is out of range");
    }
    byte[] compressed = new byte[33];
    compressed[0] = (byte) (2 + parity);
    System.arraycopy(signature, 0, compressed, 1, 32);
    ECPoint point = CURVE.getCurve().decodePoint(compressed);
    BigInteger inverse = r.modInverse(n);
    BigInteger a = new BigInteger(1, hash).negate().multiply(inverse).mod(n);
    BigInteger b = s.multiply(inverse).mod(n);
    ECPoint key = ECAlgorithms.sumOfTwoMultiplies(CURVE.getG(), a, point, b);
    if (key.isInfinity()) {
      throw new IllegalArgumentException("no signature of anybody");
    }
    return address(key);
  }

  private static byte[] address(ECPoint key) {
    byte[] encoded = key.getEncoded(false);
    byte[] hash = Keccak256.hash(Arrays.copyOfRange(encoded, 1, encoded.length));
    return Arrays.copyOfRange(hash, 12, 32);
  }

  private static byte[] bytes32(BigInteger value) {
    byte[] bytes = value.toByteArray();
    byte[] word = new byte[32];
    int length = Math.min(bytes.length, 32);
    System.arraycopy(bytes, bytes.length - length, word, 32 - length, length);
    return word;
  }

  @Override
  public String toString() {
    return "NodeKey 0x" + HexFormat.of().formatHex(address);
  }
}

package dev.zkwasm.signing;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.zkwasm.transcript.Keccak256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.UUID;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.SCrypt;

/**
 * The node's key in a file: Web3 Secret Storage, version 3, as Geth and the Ethereum libraries
 * write and read it (scrypt, AES-128-CTR, keccak256).
 */
public final class KeyFile {
  private static final int LOG_N = 18;
  private static final int MAX_MEMORY = 1 << 30;
  private static final int R = 8;
  private static final int P = 1;
  private static final int DERIVED = 32;

  private KeyFile() {}

  /**
   * Reads a key file.
   *
   * @param passphrase decrypts it
   * @throws IllegalArgumentException if the file is no key file, or the passphrase is not its own;
   *     the message names the file
   */
  public static NodeKey read(Path file, String passphrase) throws IOException {
    try {
      return decode(Files.readString(file), passphrase);
    } catch (InvalidProtocolBufferException | GeneralSecurityException e) {
      throw new IllegalArgumentException(
          file + ": no key file (Web3 Secret Storage, version 3)", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** Makes a key and its file, which only its owner may read. */
  public static NodeKey create(Path file, String passphrase) throws IOException {
    NodeKey key = NodeKey.generate();
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    // Temporary files are the owner's alone.
    Path partial = Files.createTempFile(folder, ".key", ".partial");
    try {
      byte[] text = encode(key, passphrase, LOG_N).getBytes(StandardCharsets.UTF_8);
      try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(text));
        channel.force(true);
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    return key;
  }

  /**
   * @param logN log2 of scrypt's cost: 18 takes about a second and 256 MiB
   */
  static String encode(NodeKey key, String passphrase, int logN) {
    SecureRandom random = new SecureRandom();
    byte[] salt = new byte[32];
    byte[] iv = new byte[16];
    random.nextBytes(salt);
    random.nextBytes(iv);
    byte[] derived = derive(passphrase, salt, 1 << logN, R, P);
    byte[] secret = key.secret();
    byte[] ciphertext = crypt(derived, iv, secret);
    Arrays.fill(secret, (byte) 0);
    HexFormat hex = HexFormat.of();
    Struct parameters =
        Struct.newBuilder()
            .putFields("n", number(1 << logN))
            .putFields("r", number(R))
            .putFields("p", number(P))
            .putFields("dklen", number(DERIVED))
            .putFields("salt", text(hex.formatHex(salt)))
            .build();
    Struct crypto =
        Struct.newBuilder()
            .putFields("cipher", text("aes-128-ctr"))
            .putFields(
                "cipherparams",
                struct(Struct.newBuilder().putFields("iv", text(hex.formatHex(iv))).build()))
            .putFields("ciphertext", text(hex.formatHex(ciphertext)))
            .putFields("kdf", text("scrypt"))
            .putFields("kdfparams", struct(parameters))
            .putFields("mac", text(hex.formatHex(mac(derived, ciphertext))))
            .build();
    Struct file =
        Struct.newBuilder()
            .putFields("version", number(3))
            .putFields("id", text(UUID.randomUUID().toString()))
            .putFields("address", text(hex.formatHex(key.address())))
            .putFields("crypto", struct(crypto))
            .build();
    try {
      return JsonFormat.printer().print(file) + "\n";
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  static NodeKey decode(String json, String passphrase)
      throws InvalidProtocolBufferException, GeneralSecurityException {
    Struct.Builder file = Struct.newBuilder();
    JsonFormat.parser().merge(json, file);
    if (file.getFieldsOrDefault("version", number(0)).getNumberValue() != 3) {
      throw new GeneralSecurityException("not version 3");
    }
    Struct crypto = struct(file.build(), "crypto");
    Struct parameters = struct(crypto, "kdfparams");
    if (!string(crypto, "cipher").equals("aes-128-ctr")
        || !string(crypto, "kdf").equals("scrypt")) {
      throw new GeneralSecurityException("not aes-128-ctr and scrypt");
    }
    int n = integer(parameters, "n");
    int r = integer(parameters, "r");
    int p = integer(parameters, "p");
    if (Integer.bitCount(n) != 1 || n < 2 || 128L * n * r * p > MAX_MEMORY) {
      throw new GeneralSecurityException("scrypt with n=%d r=%d p=%d".formatted(n, r, p));
    }
    byte[] ciphertext = bytes(crypto, "ciphertext");
    byte[] derived = derive(passphrase, bytes(parameters, "salt"), n, r, p);
    if (!MessageDigest.isEqual(mac(derived, ciphertext), bytes(crypto, "mac"))) {
      throw new IllegalArgumentException("the passphrase does not open this key file");
    }
    return NodeKey.of(crypt(derived, bytes(struct(crypto, "cipherparams"), "iv"), ciphertext));
  }

  private static byte[] derive(String passphrase, byte[] salt, int n, int r, int p) {
    return SCrypt.generate(passphrase.getBytes(StandardCharsets.UTF_8), salt, n, r, p, DERIVED);
  }

  private static byte[] crypt(byte[] derived, byte[] iv, byte[] bytes) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(
          Cipher.ENCRYPT_MODE, new SecretKeySpec(derived, 0, 16, "AES"), new IvParameterSpec(iv));
      return cipher.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("its initial vector or text has a wrong length", e);
    }
  }

  private static byte[] mac(byte[] derived, byte[] ciphertext) {
    return Keccak256.hash(Arrays.copyOfRange(derived, 16, 32), ciphertext);
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }

  private static Value number(int number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static Value struct(Struct struct) {
    return Value.newBuilder().setStructValue(struct).build();
  }

  private static Struct struct(Struct in, String name) {
    return in.getFieldsOrDefault(name, Value.getDefaultInstance()).getStructValue();
  }

  private static String string(Struct in, String name) {
    return in.getFieldsOrDefault(name, Value.getDefaultInstance()).getStringValue();
  }

  private static int integer(Struct in, String name) {
    return (int) in.getFieldsOrDefault(name, Value.getDefaultInstance()).getNumberValue();
  }

  private static byte[] bytes(Struct in, String name) throws GeneralSecurityException {
    try {
      return HexFormat.of().parseHex(string(in, name));
    } catch (IllegalArgumentException e) {
      throw new GeneralSecurityException(name + " is not in hexadecimal", e);
    }
  }
}

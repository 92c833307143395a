package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;
import org.bouncycastle.crypto.params.ECPrivateKeyParameters;
import org.bouncycastle.crypto.params.ECPublicKeyParameters;
import org.bouncycastle.crypto.signers.ECDSASigner;
import org.bouncycastle.crypto.signers.HMacDSAKCalculator;
import org.bouncycastle.math.ec.ECPoint;
import org.junit.jupiter.api.Test;

/**
 * Programs of several languages with known answers; sources and build commands are in {@code
 * src/test/resources/guests}.
 */
class OwnGuestsTest {
  private static LoweredModule lower(String name) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            OwnGuestsTest.class.getResourceAsStream("/guests/" + name + ".wasm"), name)) {
      return Lowering.lower(in.readAllBytes());
    }
  }

  private static Outcome run(LoweredModule module, Call call) {
    return Executor.run(
        module.program(), module.weights(), call, Limits.DEFAULT, Progress.NONE, Executor.NO_TRACE);
  }

  private static Outcome run(LoweredModule module, String export, Value... arguments) {
    return run(module, new Call(export, List.of(arguments), new byte[0], new byte[0]));
  }

  private static void report(String what, Outcome outcome) {
    System.out.printf(
        "%s: %d wasm steps, %d lowered, ratio %.2f%n",
        what, outcome.wasmSteps(), outcome.steps(), (double) outcome.wasmSteps() / outcome.steps());
  }

  // C: edit distance

  private static long distance(String a, String b) throws IOException {
    byte[] input = (a + "\0" + b).getBytes(StandardCharsets.US_ASCII);
    Outcome outcome = run(lower("distance"), new Call("distance", List.of(), input, new byte[0]));
    assertEquals(Exit.returned(), outcome.exit());
    report("distance of " + input.length + " bytes", outcome);
    return outcome.results().getFirst().bits();
  }

  @Test
  void editDistance() throws IOException {
    assertEquals(3, distance("kitten", "sitting"));
    assertEquals(2, distance("flaw", "lawn"));
    assertEquals(4, distance("", "four"));
    assertEquals(0, distance("same text", "same text"));
    assertEquals(8, distance("rosettacode", "raisethysword"));
    assertEquals(0xffffffffL, distance("x".repeat(256), "x"));
  }

  // Rust: primality

  @Test
  void primality() throws IOException {
    LoweredModule module = lower("primes");
    Random random = new Random(1);
    for (int i = 0; i < 60; i++) {
      long n =
          switch (i) {
            case 0 -> 0;
            case 1 -> 1;
            case 2 -> 2;
            case 3 -> 37;
            case 4 -> 39;
            // The greatest prime below 2^64; a pseudoprime to the first nine prime bases.
            case 5 -> -59;
            case 6 -> 3825123056546413051L;
            default -> random.nextLong() >>> random.nextInt(50) | 1;
          };
      Outcome outcome = run(module, "is_prime", new Value(ValueType.I64, n));
      assertEquals(Exit.returned(), outcome.exit());
      boolean prime = new BigInteger(Long.toUnsignedString(n)).isProbablePrime(100);
      assertEquals(prime ? 1 : 0, outcome.results().getFirst().bits(), Long.toUnsignedString(n));
      if (i == 5) {
        report("is_prime(2^64 - 59)", outcome);
      }
    }
  }

  // AssemblyScript: queens, and an abort

  @Test
  void queens() throws IOException {
    LoweredModule module = lower("queens");
    int[] solutions = {1, 1, 0, 0, 2, 10, 4, 40};
    for (int n = 0; n < solutions.length; n++) {
      Outcome outcome = run(module, "queens", new Value(ValueType.I32, n));
      assertEquals(Exit.returned(), outcome.exit());
      assertEquals(solutions[n], outcome.results().getFirst().bits());
      report("queens(" + n + ")", outcome);
    }
  }

  @Test
  void anAbortIsATrapOfItsOwn() throws IOException {
    LoweredModule module = lower("queens");
    Outcome inside = run(module, "square", new Value(ValueType.I32, 3));
    assertEquals(Exit.returned(), inside.exit());
    assertEquals(16, inside.results().getFirst().bits());
    for (long index : new long[] {4, 0xffffffffL}) {
      Outcome outside = run(module, "square", new Value(ValueType.I32, index));
      assertEquals(Exit.trapped(TrapReason.ABORT), outside.exit());
    }
  }

  // C: a signature

  private static final X9ECParameters CURVE = CustomNamedCurves.getByName("secp256k1");
  private static final ECDomainParameters DOMAIN =
      new ECDomainParameters(CURVE.getCurve(), CURVE.getG(), CURVE.getN(), CURVE.getH());

  private static void put(byte[] input, int position, BigInteger value) {
    byte[] bytes = value.toByteArray();
    for (int i = 0; i < 32; i++) {
      int j = bytes.length - 32 + i;
      input[position + i] = j < 0 ? 0 : bytes[j];
    }
  }

  /** Input of the guest: digest, public key, and a signature that is valid. */
  private static byte[] signature(BigInteger key, byte[] digest) {
    ECDSASigner signer = new ECDSASigner(new HMacDSAKCalculator(new SHA256Digest()));
    signer.init(true, new ECPrivateKeyParameters(key, DOMAIN));
    BigInteger[] signature = signer.generateSignature(digest);
    ECPoint q = DOMAIN.getG().multiply(key).normalize();
    ECDSASigner verifier = new ECDSASigner();
    verifier.init(false, new ECPublicKeyParameters(q, DOMAIN));
    assertTrue(verifier.verifySignature(digest, signature[0], signature[1]));
    byte[] input = new byte[160];
    System.arraycopy(digest, 0, input, 0, 32);
    put(input, 32, q.getAffineXCoord().toBigInteger());
    put(input, 64, q.getAffineYCoord().toBigInteger());
    put(input, 96, signature[0]);
    put(input, 128, signature[1]);
    return input;
  }

  private static Outcome verify(LoweredModule module, byte[] input, boolean valid) {
    Outcome outcome = run(module, new Call("run", List.of(), input, new byte[0]));
    assertEquals(Exit.returned(), outcome.exit());
    assertArrayEquals(new byte[] {(byte) (valid ? 1 : 0)}, outcome.output());
    return outcome;
  }

  @Test
  void signatures() throws IOException, NoSuchAlgorithmException {
    LoweredModule module = lower("ecdsa");
    Random random = new Random(1);
    BigInteger[] keys = {
      BigInteger.ONE,
      BigInteger.TWO,
      DOMAIN.getN().subtract(BigInteger.ONE),
      new BigInteger(255, random),
      new BigInteger(255, random)
    };
    for (BigInteger key : keys) {
      byte[] message = new byte[random.nextInt(100)];
      random.nextBytes(message);
      byte[] input = signature(key, MessageDigest.getInstance("SHA-256").digest(message));
      Outcome outcome = verify(module, input, true);
      report("ecdsa", outcome);
      // Without the helper's recognition there are 4.4 million.
      assertTrue(outcome.steps() < 2_000_000, () -> "steps: " + outcome.steps());
      for (int part = 0; part < 5; part++) {
        byte[] altered = input.clone();
        altered[32 * part + random.nextInt(32)] ^= (byte) (1 << random.nextInt(8));
        verify(module, altered, false);
      }
    }
  }

  @Test
  void signaturesOutOfRangeAreInvalid() throws IOException {
    LoweredModule module = lower("ecdsa");
    byte[] input = signature(BigInteger.TEN, new byte[32]);
    for (int position : new int[] {96, 128}) {
      for (BigInteger value : new BigInteger[] {BigInteger.ZERO, DOMAIN.getN()}) {
        byte[] altered = input.clone();
        put(altered, position, value);
        verify(module, altered, false);
      }
    }
    // s and n - s are both valid.
    BigInteger s = new BigInteger(1, java.util.Arrays.copyOfRange(input, 128, 160));
    put(input, 128, DOMAIN.getN().subtract(s));
    verify(module, input, true);
    assertEquals(
        Exit.exited(1), run(module, new Call("run", List.of(), new byte[159], new byte[0])).exit());
  }

  /** The tables accept the runs: the helper's replacement, and the end by an abort. */
  @Test
  void tablesHold() throws IOException {
    checkTables("primes", "is_prime", new Value(ValueType.I64, 1_000_003));
    checkTables("queens", "queens", new Value(ValueType.I32, 4));
    checkTables("queens", "square", new Value(ValueType.I32, 4));
  }

  private static void checkTables(String name, String export, Value argument) throws IOException {
    Call call = new Call(export, List.of(argument), new byte[0], new byte[0]);
    WitnessBuilder.build(
            TableSet.STANDARD,
            Executor.execute(lower(name).program(), call, Limits.DEFAULT, Progress.NONE))
        .check();
  }
}

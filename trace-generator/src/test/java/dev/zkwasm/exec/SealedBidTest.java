package dev.zkwasm.exec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The program that comes with the prover. */
class SealedBidTest {
  private static ExecutionTrace run(byte[] publicInput, byte[] privateInput) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(
            SealedBidTest.class.getResourceAsStream("/dev/zkwasm/guests/sealed_bid.wasm"))) {
      LoweredModule lowered = Lowering.lower(in.readAllBytes());
      return Executor.execute(
          lowered.program(),
          new Call("run", List.of(), publicInput, privateInput),
          Limits.DEFAULT,
          Progress.NONE);
    }
  }

  private static byte[] words(long... words) {
    ByteBuffer buffer = ByteBuffer.allocate(8 * words.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long word : words) {
      buffer.putLong(word);
    }
    return buffer.array();
  }

  private static void check(boolean wins, long pays, long bid, long... reserveAndBids)
      throws IOException, NoSuchAlgorithmException {
    byte[] secret = words(bid, 1, 2, 3);
    ExecutionTrace trace = run(words(reserveAndBids), secret);
    assertEquals(Exit.returned(), trace.exit());
    byte[] expected =
        ByteBuffer.allocate(41)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put((byte) (wins ? 1 : 0))
            .putLong(pays)
            .put(MessageDigest.getInstance("SHA-256").digest(secret))
            .array();
    assertArrayEquals(expected, trace.output());
    WitnessBuilder.build(TableSet.STANDARD, trace).check();
    System.out.println(
        "sealed_bid with " + reserveAndBids.length + " prices: " + trace.steps() + " steps");
  }

  @Test
  void theGreatestBidPaysTheSecondPrice() throws IOException, NoSuchAlgorithmException {
    check(true, 90, 100, 50, 70, 90, 80);
    check(true, 50, 50, 50);
    check(false, 0, 90, 50, 70, 90, 80);
    check(false, 0, 40, 50);
    check(true, -2, -1, 50, -2);
  }

  @Test
  void malformedInputsExit() throws IOException {
    assertEquals(Exit.exited(1), run(new byte[7], new byte[32]).exit());
    assertEquals(Exit.exited(1), run(new byte[9], new byte[32]).exit());
    assertEquals(Exit.exited(2), run(new byte[8], new byte[31]).exit());
  }
}

package dev.zkwasm.curve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.field.Fr;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** go-ethereum's vectors of the precompiles 0x06, 0x07 and 0x08 (EIP-196, EIP-197). */
class PrecompileVectorsTest {
  @Test
  void addition() throws IOException {
    List<SharedVectors.PrecompileCase> cases = SharedVectors.precompile("bn256Add.json");
    assertTrue(cases.size() > 10);
    for (var c : cases) {
      byte[] in = Arrays.copyOf(c.input(), 128); // The precompile reads zeros past the end.
      G1 sum = G1.fromUncompressed(in, 0).add(G1.fromUncompressed(in, 64));
      assertArrayEquals(c.expected(), sum.toUncompressed(), c.name());
    }
  }

  @Test
  void scalarMultiplication() throws IOException {
    List<SharedVectors.PrecompileCase> cases = SharedVectors.precompile("bn256ScalarMul.json");
    assertTrue(cases.size() > 10);
    for (var c : cases) {
      byte[] in = Arrays.copyOf(c.input(), 96);
      Fr scalar = Fr.of(new BigInteger(1, Arrays.copyOfRange(in, 64, 96)));
      G1 point = G1.fromUncompressed(in, 0);
      assertArrayEquals(c.expected(), point.mul(scalar).toUncompressed(), c.name());
      assertArrayEquals(
          c.expected(), G1Msm.sum(List.of(point), List.of(scalar)).toUncompressed(), c.name());
    }
  }

  @Test
  void pairing() throws IOException {
    List<SharedVectors.PrecompileCase> cases = SharedVectors.precompile("bn256Pairing.json");
    assertTrue(cases.size() > 10);
    int ones = 0;
    for (var c : cases) {
      List<Pairing.Pair> pairs = new ArrayList<>();
      for (int at = 0; at < c.input().length; at += 192) {
        pairs.add(
            new Pairing.Pair(G1.fromUncompressed(c.input(), at), G2.fromBytes(c.input(), at + 64)));
      }
      boolean expected = c.expected()[31] == 1;
      ones += expected ? 1 : 0;
      assertEquals(expected, Pairing.productIsOne(pairs), c.name());
    }
    assertTrue(ones > 0 && ones < cases.size(), "both answers occur");
  }
}

package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.PrimeField;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A prepared powers-of-tau file, without the sections that an import does not read. */
public final class PreparedCeremony {
  private PreparedCeremony() {}

  /**
   * The file of a string's first powers.
   *
   * @param power logarithm of the largest height that it serves
   */
  public static byte[] of(Srs srs, int power) {
    int g1 = 2 << power;
    ByteBuffer out =
        ByteBuffer.allocate(12 + 4 * 12 + 44 + 64 * (g1 - 1) + (128 << power) + 64 * (2 * g1 - 1))
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put("ptau".getBytes(StandardCharsets.US_ASCII)).putInt(1).putInt(4);
    out.putInt(1).putLong(44).putInt(32);
    for (long limb : PrimeField.FQ.modulusLimbs()) {
      out.putLong(limb);
    }
    out.putInt(power).putInt(power);
    out.putInt(2).putLong(64L * (g1 - 1));
    put(out, srs.powers(power + 1).slice(0, g1 - 1));
    out.putInt(3).putLong(128L << power);
    int afterG2 = out.position() + (128 << power);
    for (G2 point : List.of(G2.GENERATOR, srs.tauG2())) {
      for (Fq c : List.of(point.x().c0(), point.x().c1(), point.y().c0(), point.y().c1())) {
        long[] limbs = new long[PrimeField.LIMBS];
        c.store(limbs, 0);
        for (long limb : limbs) {
          out.putLong(limb);
        }
      }
    }
    out.position(afterG2);
    out.putInt(12).putLong(64L * (2 * g1 - 1));
    for (int log = 0; log <= power; log++) {
      put(out, srs.lagrange(log));
    }
    return out.array();
  }

  private static void put(ByteBuffer out, G1Vector points) {
    for (long limb : points.limbs()) {
      out.putLong(limb);
    }
  }
}

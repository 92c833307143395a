package dev.zkwasm.kzg;

import dev.zkwasm.curve.Fq2;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Msm;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.curve.Pairing;
import dev.zkwasm.curve.PreparedG2;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Reads a powers-of-tau file of snarkjs (version 1, BN254) and checks that what it takes from it is
 * a reference string.
 *
 * <p>Layout, all integers little-endian: {@code "ptau"}, u32 version, u32 number of sections; each
 * section u32 type, u64 length, content. Section 1: u32 bytes of a coordinate, the prime, u32 power
 * p, u32 power of the ceremony. Section 2: {@code [tau^i]_1} for {@code i < 2^(p+1) - 1}. Section
 * 3: {@code [tau^i]_2} for {@code i < 2^p}. Section 12, if the file is prepared: Lagrange bases of
 * heights {@code 2^0 .. 2^(p+1)}, of which the last is not a true one and is not read. Coordinates
 * are in Montgomery form with radix 2^256.
 *
 * <p>Checked: coordinates below q, points on the curve and none at infinity, {@code [tau]_2} in the
 * subgroup, both generators, that tau is no root of unity (1 in a file without contributions), the
 * powers against {@code [tau]_2} and the Lagrange bases against the powers, each by a random
 * combination with 128-bit coefficients. What is not used (powers of alpha, beta, further powers)
 * is not read.
 */
final class PtauFile {
  private static final int HEADER = 1;
  private static final int TAU_G1 = 2;
  private static final int TAU_G2 = 3;
  private static final int LAGRANGE_G1 = 12;
  private static final int MAX_POWER = 28;
  private static final int G1_BYTES = 64;
  private static final int G2_BYTES = 128;
  private static final int MSM_PART = 1 << 16;
  private static final int READ_POINTS = 1 << 14;

  /**
   * A checked reference string.
   *
   * @param tauG2 {@code [tau]_2}
   * @param maxLog the largest height it serves
   * @param powers {@code [tau^i]_1} for {@code i < 2^maxLog + EXTRA_POWERS}
   * @param lagrange the Lagrange bases of heights 1 to {@code 2^maxLog} in order, or empty if the
   *     file is not prepared
   */
  record Contents(G2 tauG2, int maxLog, G1Vector powers, List<G1Vector> lagrange) {}

  private record Section(int type, long start, long length) {}

  private final Path path;
  private final FileChannel channel;
  private final SecureRandom random = new SecureRandom();

  private PtauFile(Path path, FileChannel channel) {
    this.path = path;
    this.channel = channel;
  }

  /**
   * Reads and checks a file.
   *
   * @throws PtauException if the file is malformed or fails a check
   * @throws IOException if it cannot be read
   */
  static Contents read(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return new PtauFile(path, channel).read();
    }
  }

  private Contents read() throws IOException {
    Map<Integer, Section> sections = sections();
    int power = power(require(sections, HEADER));
    Section g1 = require(sections, TAU_G1);
    Section g2 = require(sections, TAU_G2);
    requireLength(g1, ((2L << power) - 1) * G1_BYTES);
    requireLength(g2, (1L << power) * G2_BYTES);
    int maxLog = Math.min(power, Srs.MAX_LOG);

    if (!readG2(g2, 0).equals(G2.GENERATOR)) {
      throw bad(g2, 0, "the first point is not the generator");
    }
    G2 tauG2 = readG2(g2, 1);
    if (tauG2.isInfinity()) {
      throw bad(g2, G2_BYTES, "tau is zero");
    }
    if (tauG2.equals(G2.GENERATOR)) {
      throw bad(g2, G2_BYTES, "tau is 1: the file has no contribution");
    }
    G1Vector powers = readG1(g1, 0, new Basis(Basis.Kind.POWERS, maxLog).size());
    if (!powers.get(0).equals(G1.GENERATOR)) {
      throw bad(g1, 0, "the first point is not the generator");
    }
    checkPowers(g1, powers, tauG2);
    if (powers.get(1 << maxLog).equals(G1.GENERATOR)) {
      throw bad(g1, (long) G1_BYTES << maxLog, "tau is a root of unity");
    }
    List<G1Vector> lagrange = new ArrayList<>();
    Optional<Section> prepared = Optional.ofNullable(sections.get(LAGRANGE_G1));
    if (prepared.isPresent()) {
      requireLength(prepared.get(), ((4L << power) - 1) * G1_BYTES);
      for (int log = 0; log <= maxLog; log++) {
        lagrange.add(readG1(prepared.get(), (1 << log) - 1, 1 << log));
      }
      checkLagrange(prepared.get(), lagrange, powers);
    }
    return new Contents(tauG2, maxLog, powers, lagrange);
  }

  private Map<Integer, Section> sections() throws IOException {
    ByteBuffer start = bytes(0, 12, "the file header");
    byte[] magic = new byte[4];
    start.get(magic);
    if (!Arrays.equals(magic, new byte[] {'p', 't', 'a', 'u'})) {
      throw new PtauException(path + ": not a powers-of-tau file: it does not begin with \"ptau\"");
    }
    int version = start.getInt();
    if (version != 1) {
      throw new PtauException(
          path + ": version " + Integer.toUnsignedString(version) + " instead of 1, at byte 4");
    }
    long count = Integer.toUnsignedLong(start.getInt());
    Map<Integer, Section> sections = new HashMap<>();
    long at = 12;
    // The loop ends with the file: every section takes at least 12 bytes of it.
    for (long i = 0; i < count; i++) {
      ByteBuffer head = bytes(at, 12, "the head of section number " + i + " of " + count);
      int type = head.getInt();
      long length = head.getLong();
      at += 12;
      if (length < 0 || length > channel.size() - at) {
        throw new PtauException(
            path
                + ": section "
                + type
                + " at byte "
                + at
                + " claims "
                + Long.toUnsignedString(length)
                + " bytes, the file has "
                + (channel.size() - at)
                + " left");
      }
      // Only what is read is kept, however many sections there are.
      if (type == HEADER || type == TAU_G1 || type == TAU_G2 || type == LAGRANGE_G1) {
        if (sections.put(type, new Section(type, at, length)) != null) {
          throw new PtauException(path + ": a second section " + type + " at byte " + at);
        }
      }
      at += length;
    }
    if (at != channel.size()) {
      throw new PtauException(
          path + ": " + (channel.size() - at) + " bytes after the last section, at byte " + at);
    }
    return sections;
  }

  private Section require(Map<Integer, Section> sections, int type) {
    return Optional.ofNullable(sections.get(type))
        .orElseThrow(() -> new PtauException(path + ": there is no section " + type));
  }

  private void requireLength(Section section, long expected) {
    if (section.length != expected) {
      throw bad(section, 0, "length " + section.length + " instead of " + expected);
    }
  }

  private int power(Section header) throws IOException {
    requireLength(header, 4 + PrimeField.BYTES + 8);
    ByteBuffer in = bytes(header.start, (int) header.length, "section 1");
    int size = in.getInt();
    if (size != PrimeField.BYTES) {
      throw bad(
          header, 0, "coordinates of " + Integer.toUnsignedString(size) + " bytes instead of 32");
    }
    byte[] prime = new byte[PrimeField.BYTES];
    in.get(prime);
    if (!new BigInteger(1, reversed(prime)).equals(Fq.MODULUS)) {
      throw bad(header, 4, "the prime is not that of BN254");
    }
    int power = in.getInt();
    if (power < Srs.MIN_MAX_LOG || power > MAX_POWER) {
      throw bad(
          header,
          36,
          "power "
              + Integer.toUnsignedString(power)
              + " is not in "
              + Srs.MIN_MAX_LOG
              + " to "
              + MAX_POWER);
    }
    return power;
  }

  /**
   * Reads and checks {@code count} points from number {@code first} of a section whose length has
   * been checked.
   */
  private G1Vector readG1(Section section, int first, int count) throws IOException {
    G1Vector points = new G1Vector(count);
    for (int done = 0; done < count; done += READ_POINTS) {
      int n = Math.min(READ_POINTS, count - done);
      long at = section.start + (first + (long) done) * G1_BYTES;
      bytes(at, n * G1_BYTES, "section " + section.type)
          .asLongBuffer()
          .get(points.limbs(), done * G1Vector.LIMBS, n * G1Vector.LIMBS);
    }
    for (int i = 0; i < count; i++) {
      long offset = (first + (long) i) * G1_BYTES;
      if (!points.isValid(i)) {
        throw bad(
            section, offset, "point " + (first + i) + " is not canonical or not on the curve");
      }
      if (points.isInfinity(i)) {
        throw bad(section, offset, "point " + (first + i) + " is infinity");
      }
    }
    return points;
  }

  private G2 readG2(Section section, int index) throws IOException {
    long offset = (long) index * G2_BYTES;
    ByteBuffer in = bytes(section.start + offset, G2_BYTES, "section " + section.type);
    long[] limbs = new long[4 * PrimeField.LIMBS];
    in.asLongBuffer().get(limbs);
    Fq[] coordinates = new Fq[4];
    for (int i = 0; i < coordinates.length; i++) {
      if (!PrimeField.FQ.isCanonical(limbs, i * PrimeField.LIMBS)) {
        throw bad(
            section, offset, "a coordinate of point " + index + " is not less than the prime");
      }
      coordinates[i] = Fq.load(limbs, i * PrimeField.LIMBS);
    }
    try {
      return G2.of(
          new Fq2(coordinates[0], coordinates[1]), new Fq2(coordinates[2], coordinates[3]));
    } catch (IllegalArgumentException e) {
      throw bad(section, offset, "point " + index + ": " + e.getMessage());
    }
  }

  /**
   * {@code e(sum c_i P_(i+1), [1]_2) = e(sum c_i P_i, [tau]_2)} for random c: then each {@code
   * P_(i+1) = tau P_i}.
   */
  private void checkPowers(Section section, G1Vector powers, G2 tauG2) {
    int n = powers.size() - 1;
    FrVector weights = randomWeights(n);
    G1 lower = msm(powers.slice(0, n), weights);
    G1 upper = msm(powers.slice(1, n + 1), weights);
    boolean consistent =
        Pairing.productIsOne(
            List.of(
                new Pairing.Pair(upper, PreparedG2.of(G2.GENERATOR)),
                new Pairing.Pair(lower.negate(), PreparedG2.of(tauG2))));
    if (!consistent) {
      throw bad(section, 0, "the points are not the powers of one tau, that of section " + TAU_G2);
    }
  }

  /**
   * A combination of the Lagrange points with random coefficients c is the commitment to the
   * polynomial with the values c; that is compared with its commitment by the monomials. All
   * heights in one comparison.
   */
  private void checkLagrange(Section section, List<G1Vector> lagrange, G1Vector powers) {
    G1 byValues = G1.INFINITY;
    FrVector coefficients = new FrVector(lagrange.getLast().size());
    for (G1Vector basis : lagrange) {
      FrVector weights = randomWeights(basis.size());
      byValues = byValues.add(msm(basis, weights));
      FrVector more = GroupTransform.interpolate(weights);
      for (int i = 0; i < more.size(); i++) {
        coefficients.set(i, coefficients.get(i).add(more.get(i)));
      }
    }
    if (!byValues.equals(msm(powers.slice(0, coefficients.size()), coefficients))) {
      throw bad(section, 0, "the Lagrange bases do not belong to the powers of section " + TAU_G1);
    }
  }

  private FrVector randomWeights(int count) {
    FrVector weights = new FrVector(count);
    for (int i = 0; i < count; i++) {
      weights.set(i, Fr.of(new BigInteger(128, random)));
    }
    return weights;
  }

  private static G1 msm(G1Vector points, FrVector scalars) {
    return IntStream.range(0, Math.ceilDiv(points.size(), MSM_PART))
        .parallel()
        .mapToObj(
            part -> {
              int from = part * MSM_PART;
              int to = Math.min(points.size(), from + MSM_PART);
              return G1Msm.sum(points.slice(from, to), scalars.slice(from, to));
            })
        .reduce(G1.INFINITY, G1::add);
  }

  /** Reads bytes of the file, which must be there. */
  private ByteBuffer bytes(long at, int length, String what) throws IOException {
    if (length > channel.size() - at) {
      throw new PtauException(
          path + ": the file ends inside " + what + ", at byte " + channel.size());
    }
    ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException(path + " became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private PtauException bad(Section section, long offset, String what) {
    return new PtauException(
        path
            + ": section "
            + section.type
            + ", byte "
            + (section.start + offset)
            + " of the file: "
            + what);
  }

  private static byte[] reversed(byte[] bytes) {
    byte[] out = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      out[i] = bytes[bytes.length - 1 - i];
    }
    return out;
  }
}

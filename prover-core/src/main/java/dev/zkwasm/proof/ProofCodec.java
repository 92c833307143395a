package dev.zkwasm.proof;

import dev.zkwasm.curve.G1;
import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import java.util.ArrayList;
import java.util.List;

/** Writes and reads proofs. Each proof has one encoding and is the only thing that it encodes. */
public final class ProofCodec {
  private static final String MAGIC = "zkWP";
  private static final int MAX_INSTANCES = 255;

  private ProofCodec() {}

  /** The canonical encoding. */
  public static byte[] encode(Proof proof) {
    return new ByteWriter()
        .magic(MAGIC)
        .u16(Proof.VERSION)
        .fixed(encodeInstances(proof.instances()))
        .g1s(proof.main())
        .g1s(proof.helpers())
        .g1s(proof.quotient())
        .frs(proof.evaluations())
        .g1s(List.of(proof.w(), proof.wPrime()))
        .toBytes();
  }

  /** The instance list as it is in a proof and as the transcript absorbs it. */
  public static byte[] encodeInstances(List<Instance> instances) {
    ByteWriter out = new ByteWriter().u8(instances.size());
    instances.forEach(i -> out.u8(i.table()).u8(i.log()));
    return out.toBytes();
  }

  /**
   * Reads {@link #encode}. Points are on the curve and field elements canonical afterwards; whether
   * the list of instances is one that the protocol allows is not checked here.
   *
   * @throws ProofFormatException if the bytes are no proof for that system's tables, or one of an
   *     unknown version
   */
  public static Proof decode(ConstraintSystem system, byte[] bytes) throws ProofFormatException {
    return decode(system, bytes, FieldHints.NONE);
  }

  /** {@link #decode(ConstraintSystem, byte[])} with hints, which are checked. */
  public static Proof decode(ConstraintSystem system, byte[] bytes, FieldHints hints)
      throws ProofFormatException {
    ByteReader in = start(bytes);
    List<Instance> instances = instances(system, in);
    ProofLayout layout = new ProofLayout(system, instances);
    long points = layout.mains() + layout.helpers() + 1L + ProofLayout.QUOTIENT_PIECES + 2L;
    long expected = points * G1.COMPRESSED_BYTES + (long) layout.evaluations() * PrimeField.BYTES;
    if (in.remaining() != expected) {
      throw in.error(
          in.remaining() + " bytes follow, where these instances need " + expected + " bytes");
    }
    int helper = layout.mains();
    int piece = helper + layout.helpers() + 1;
    List<G1> columns = in.g1s(piece + ProofLayout.QUOTIENT_PIECES, hints);
    List<Fr> evaluations = new ArrayList<>(layout.evaluations());
    for (int i = 0; i < layout.evaluations(); i++) {
      evaluations.add(in.fr());
    }
    G1 w = in.g1();
    G1 wPrime = in.g1();
    in.end();
    return new Proof(
        instances,
        columns.subList(0, helper),
        columns.subList(helper, piece),
        columns.subList(piece, columns.size()),
        evaluations,
        w,
        wPrime);
  }

  /**
   * Requires that bytes start as a proof of the version that is read.
   *
   * @throws ProofFormatException.UnsupportedVersion if they are of another version
   * @throws ProofFormatException if they do not start as a proof
   */
  public static void checkVersion(byte[] bytes) throws ProofFormatException {
    start(bytes);
  }

  private static ByteReader start(byte[] bytes) throws ProofFormatException {
    ByteReader in = new ByteReader("proof", bytes);
    in.magic(MAGIC);
    in.version(Proof.VERSION);
    return in;
  }

  private static List<Instance> instances(ConstraintSystem system, ByteReader in)
      throws ProofFormatException {
    int count = in.u8();
    if (count == 0 || count > MAX_INSTANCES) {
      throw in.error("a proof has 1 to 255 instances");
    }
    List<Instance> instances = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int table = in.u8();
      int log = in.u8();
      if (table >= system.tables().size()) {
        throw in.error("there is no table " + table);
      }
      if (log < Instance.MIN_LOG || log > Instance.MAX_LOG) {
        throw in.error("no table has log height " + log);
      }
      instances.add(new Instance(table, log));
    }
    return instances;
  }
}

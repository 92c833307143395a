package dev.zkwasm.table;

import dev.zkwasm.air.Column;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fq;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.ByteWriter;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.Statement;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A valid proof file altered in each kind of field in each way that means something there. Whoever
 * reads strictly refuses some for their {@link #form()}; the others are proofs like any, which only
 * the {@link #argument()} refutes.
 */
final class FileMutations {
  /** A point and an element take as many bytes. */
  private static final int ITEM = G1.COMPRESSED_BYTES;

  private static final int SIGN = 0x40;
  private static final int FINITE = 0x80;

  private final Map<String, byte[]> form = new LinkedHashMap<>();
  private final Map<String, byte[]> argument = new LinkedHashMap<>();
  private final ProofFile file;
  private final byte[] statement;
  private final byte[] proof;
  private final ProofLayout layout;
  private final int firstItem;
  private final Map<String, Integer> points = new LinkedHashMap<>();
  private final Map<String, Integer> evaluations = new LinkedHashMap<>();

  /**
   * All alterations.
   *
   * @param file a valid file
   * @param other a valid file of the same program and instances, from which parts are transplanted
   */
  FileMutations(ConstraintSystem system, ProofFile file, ProofFile other)
      throws ProofFormatException {
    this.file = file;
    this.statement = file.statement().encode();
    this.proof = file.proof();
    this.layout = new ProofLayout(system, ProofCodec.decode(system, proof).instances());
    this.firstItem = proof.length - ITEM * (items() + 2);
    locate();
    alterFile();
    alterStatement();
    alterInstances();
    points.forEach(this::alterPoint);
    evaluations.forEach(this::alterEvaluation);
    transplant(other);
  }

  /** What is no encoding, or is against the rules for statements and lists of instances. */
  Map<String, byte[]> form() {
    return form;
  }

  /** Well-formed proofs of well-formed statements. */
  Map<String, byte[]> argument() {
    return argument;
  }

  private int items() {
    return layout.mains() + helpers() + ProofLayout.QUOTIENT_PIECES + layout.evaluations();
  }

  /** With the accumulator. */
  private int helpers() {
    return layout.helpers() + 1;
  }

  private void locate() {
    int quotient = layout.mains() + helpers();
    int values = quotient + ProofLayout.QUOTIENT_PIECES;
    points.put("first main commitment", 0);
    points.put("last main commitment", layout.mains() - 1);
    points.put("first helper commitment", layout.mains());
    points.put("accumulator", quotient - 1);
    points.put("first quotient piece", quotient);
    points.put("last quotient piece", values - 1);
    points.put("W", items());
    points.put("W'", items() + 1);
    for (Column.Kind kind : Column.Kind.values()) {
      last(part -> part.table().committed().stream().anyMatch(c -> c.kind() == kind))
          .ifPresent(
              part -> {
                Column column =
                    part.table().committed().stream()
                        .filter(c -> c.kind() == kind)
                        .findFirst()
                        .orElseThrow();
                evaluations.put(
                    "evaluation of a column of kind " + kind,
                    values + part.evaluation(part.table().slot(column)));
              });
    }
    ProofLayout.Part next = last(part -> !part.table().next().isEmpty()).orElseThrow();
    evaluations.put(
        "evaluation at the next row",
        values + next.nextEvaluation(next.table().slot(next.table().next().getFirst())));
    ProofLayout.Part last = layout.parts().getLast();
    evaluations.put("evaluation of a helper", values + last.evaluation(last.table().helperSlot(0)));
    evaluations.put("evaluation of the accumulator", items() - 2);
    evaluations.put("evaluation of the accumulator at the next row", items() - 1);
  }

  private Optional<ProofLayout.Part> last(Predicate<ProofLayout.Part> condition) {
    return layout.parts().reversed().stream().filter(condition).findFirst();
  }

  // ---- the file

  private byte[] encoded(byte[] otherStatement, byte[] otherProof) {
    return new ByteWriter()
        .magic("zkwasm proof file")
        .u16(ProofFile.VERSION)
        .fixed(file.extensionId())
        .fixed(file.srsId())
        .fixed(file.keyDigest())
        .bytes(otherStatement)
        .bytes(otherProof)
        .toBytes();
  }

  private static byte[] flipped(byte[] bytes, int at, int mask) {
    byte[] altered = bytes.clone();
    altered[at] ^= (byte) mask;
    return altered;
  }

  private void alterFile() {
    byte[] good = file.encode();
    int ids = 19;
    form.put("file with another mark", flipped(good, 0, 1));
    form.put("file of version 0", flipped(good, 18, 1));
    form.put("file of version 257", flipped(good, 17, 1));
    form.put("file of another string", flipped(good, ids + 32, 1));
    form.put("file of another key", flipped(good, ids + 95, 0x80));
    form.put("file with a longer statement", flipped(good, ids + 99, 1));
    form.put("file with a huge statement", flipped(good, ids + 96, 0xff));
    form.put("file that goes on", Arrays.copyOf(good, good.length + 1));
    for (int length : new int[] {0, 18, 40, 150, good.length - ITEM, good.length - 1}) {
      form.put("file of " + length + " bytes", Arrays.copyOf(good, length));
    }
    alterProof("proof with another mark", bytes -> flipped(bytes, 3, 1));
    alterProof("proof of version 0", bytes -> flipped(bytes, 5, 1));
    alterProof("proof that goes on", bytes -> Arrays.copyOf(bytes, bytes.length + 1));
    alterProof("proof with an item more", bytes -> Arrays.copyOf(bytes, bytes.length + ITEM));
    alterProof("proof without its end", bytes -> Arrays.copyOf(bytes, bytes.length - ITEM));
    alterProof("empty proof", bytes -> new byte[0]);
  }

  private void alterProof(String name, UnaryOperator<byte[]> alteration) {
    form.put(name, encoded(statement, alteration.apply(proof)));
  }

  // ---- the statement

  private void alterStatement() {
    Statement s = file.statement();
    int arguments = 32 + 4 + s.export().length();
    int results = arguments + 4 + 9 * s.arguments().size();
    int input = results + 4 + 9 * s.results().size();
    int output = input + 4 + s.publicInput().length;
    int exit = output + 4 + s.output().length;
    malformed("program", flipped(statement, 31, 1));
    malformed("export that is not there", flipped(statement, arguments - 1, 1));
    malformed("export that is no UTF-8", flipped(statement, 36, 0x80));
    malformed("export of a wrong length", flipped(statement, 35, 1));
    malformed("arguments without end", flipped(statement, arguments, 0xff));
    malformed("results without end", flipped(statement, results, 0xff));
    if (!s.arguments().isEmpty()) {
      malformed("argument less", flipped(statement, arguments + 3, 1));
      alterValue("argument", arguments + 4, s.arguments().getFirst().type());
    }
    if (!s.results().isEmpty()) {
      alterValue("result", input - 9, s.results().getLast().type());
      malformed("exit with results", flipped(statement, exit, 1));
    }
    if (s.publicInput().length > 0) {
      put("public input", flipped(statement, output - 1, 1));
      malformed("public input less", flipped(statement, input + 3, 1));
    }
    if (s.output().length > 0) {
      put("output", flipped(statement, exit - 1, 0x80));
    }
    byte[] more = new byte[statement.length + 1];
    System.arraycopy(statement, 0, more, 0, exit);
    System.arraycopy(statement, exit, more, exit + 1, statement.length - exit);
    more[output + 3]++;
    put("output with a zero more", more);
    malformed("exit of no kind", flipped(statement, exit, 3 ^ statement[exit]));
    byte[] hugeCode = flipped(statement, exit + 1, 0x80);
    if (s.exit().kind() == Exit.Kind.EXITED) {
      put("exit code", hugeCode);
    } else {
      malformed("exit with an unknown code", hugeCode);
    }
    if (s.exit().kind() == Exit.Kind.TRAPPED) {
      put("trap reason", with(statement, exit + 4, statement[exit + 4] % 12 + 1));
    }
    put("steps", flipped(statement, exit + 12, 1));
    malformed("steps without end", flipped(statement, exit + 5, 0x80));
    malformed("steps beyond the tables", flipped(statement, exit + 10, 1));
    put("context", flipped(statement, statement.length - 1, 1));
    malformed("end", Arrays.copyOf(statement, statement.length - 1));
    malformed("byte after the end", Arrays.copyOf(statement, statement.length + 1));
  }

  private void alterValue(String name, int at, ValueType type) {
    put(name, flipped(statement, at + 8, 1));
    malformed(name + " of another type", flipped(statement, at, type.code() ^ 0x7c));
    malformed(name + " of no type", flipped(statement, at, type.code() ^ 0x7b));
    if (type.is32Bit()) {
      malformed(name + " of 33 bits", flipped(statement, at + 4, 1));
    }
  }

  private void malformed(String name, byte[] altered) {
    form.put("statement with another " + name, encoded(altered, proof));
  }

  private void put(String name, byte[] altered) {
    argument.put("statement with another " + name, encoded(altered, proof));
  }

  // ---- the list of instances

  private void alterInstances() {
    int count = layout.parts().size();
    int end = firstItem - 2;
    alterProof("no instance", bytes -> flipped(bytes, 6, count));
    alterProof("instance more than there are", bytes -> flipped(bytes, 6, count ^ (count + 1)));
    alterProof("instance less than there are", bytes -> flipped(bytes, 6, count ^ (count - 1)));
    alterProof("255 instances", bytes -> flipped(bytes, 6, count ^ 255));
    alterProof("instance of no table", bytes -> flipped(bytes, end, bytes[end] ^ 255));
    argument.put("instance twice as high", encoded(statement, with(proof, 8, proof[8] + 1)));
    alterProof("instance of 8 rows", bytes -> with(bytes, 8, 3));
    alterProof("instance of 2^25 rows", bytes -> with(bytes, 8, 25));
    alterProof("instance of 2^255 rows", bytes -> with(bytes, end + 1, 255));
    alterProof(
        "instances out of order",
        bytes -> {
          byte[] altered = bytes.clone();
          System.arraycopy(bytes, 7, altered, 9, 2);
          System.arraycopy(bytes, 9, altered, 7, 2);
          return altered;
        });
    alterProof(
        "last instance twice",
        bytes -> {
          byte[] altered = new byte[bytes.length + 2];
          System.arraycopy(bytes, 0, altered, 0, firstItem);
          System.arraycopy(bytes, end, altered, firstItem, bytes.length - end);
          altered[6]++;
          return altered;
        });
    alterProof(
        "first instance left out",
        bytes -> {
          byte[] altered = new byte[bytes.length - 2];
          System.arraycopy(bytes, 0, altered, 0, 7);
          System.arraycopy(bytes, 9, altered, 7, bytes.length - 9);
          altered[6]--;
          return altered;
        });
  }

  private static byte[] with(byte[] bytes, int at, int value) {
    byte[] altered = bytes.clone();
    altered[at] = (byte) value;
    return altered;
  }

  // ---- points and elements

  private byte[] item(byte[] of, int index) {
    int at = firstItem + ITEM * index;
    return Arrays.copyOfRange(of, at, at + ITEM);
  }

  private byte[] withItem(int index, byte[] value) {
    byte[] altered = proof.clone();
    System.arraycopy(value, 0, altered, firstItem + ITEM * index, ITEM);
    return encoded(statement, altered);
  }

  private void alterPoint(String name, int index) {
    byte[] old = item(proof, index);
    byte[] zero = new byte[ITEM];
    item(name + " negated", index, flipped(old, 0, SIGN));
    item(name + " at infinity", index, zero);
    item(name + " the generator", index, G1.GENERATOR.toCompressed());
    int neighbour = points.containsValue(index + 1) || index == 0 ? index + 1 : index - 1;
    item(name + " its neighbour", index, item(proof, neighbour));
    form.put(name + " infinity with a sign", withItem(index, flipped(zero, 0, SIGN)));
    form.put(name + " infinity with an x", withItem(index, flipped(zero, 31, 1)));
    form.put(name + " without its mark", withItem(index, flipped(old, 0, FINITE)));
    // x = q + 1, that of the generator to a reader who reduces it.
    byte[] above = bytes(Fq.MODULUS.add(BigInteger.ONE));
    form.put(name + " with x above q", withItem(index, flipped(above, 0, FINITE)));
    byte[] off = old.clone();
    while (isPoint(off)) {
      off[31]++;
    }
    form.put(name + " off the curve", withItem(index, off));
  }

  /** An item that is well-formed as well; left out if it is the same. */
  private void item(String name, int index, byte[] value) {
    if (!Arrays.equals(item(proof, index), value)) {
      argument.put(name, withItem(index, value));
    }
  }

  private static boolean isPoint(byte[] bytes) {
    try {
      return G1.fromCompressed(bytes, 0) != null;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private void alterEvaluation(String name, int index) {
    byte[] old = item(proof, index);
    BigInteger value = new BigInteger(1, old);
    item(name + " plus one", index, Fr.of(value.add(BigInteger.ONE)).toBytes());
    item(name + " zero", index, new byte[PrimeField.BYTES]);
    int neighbour = index + 1 < items() ? index + 1 : index - 1;
    item(name + " its neighbour", index, item(proof, neighbour));
    form.put(name + " plus r", withItem(index, bytes(value.add(Fr.MODULUS))));
    form.put(
        name + " of all bits",
        withItem(index, bytes(BigInteger.TWO.pow(256).subtract(BigInteger.ONE))));
  }

  private static byte[] bytes(BigInteger value) {
    byte[] digits = value.toByteArray();
    byte[] bytes = new byte[ITEM];
    int length = Math.min(ITEM, digits.length);
    System.arraycopy(digits, digits.length - length, bytes, ITEM - length, length);
    return bytes;
  }

  // ---- transplants

  private void transplant(ProofFile other) {
    byte[] donor = other.proof();
    int helpers = layout.mains();
    int quotient = helpers + helpers();
    int values = quotient + ProofLayout.QUOTIENT_PIECES;
    argument.put("proof of another statement", encoded(statement, donor));
    argument.put("statement of another proof", encoded(other.statement().encode(), proof));
    transplant("main commitments", donor, 0, helpers);
    transplant("helper commitments", donor, helpers, quotient);
    transplant("quotient", donor, quotient, values);
    transplant("evaluations", donor, values, items());
    transplant("opening", donor, items(), items() + 2);
    transplant("commitments", donor, 0, values);
    transplant("all after the main commitments", donor, helpers, items() + 2);
    points.forEach((name, index) -> transplant(name, donor, index, index + 1));
    evaluations.forEach(
        (name, index) -> {
          if (!Arrays.equals(item(proof, index), item(donor, index))) {
            transplant(name, donor, index, index + 1);
          }
        });
  }

  private void transplant(String name, byte[] donor, int from, int to) {
    byte[] altered = proof.clone();
    int start = firstItem + ITEM * from;
    System.arraycopy(donor, start, altered, start, ITEM * (to - from));
    argument.put(name + " of another proof", encoded(statement, altered));
  }
}

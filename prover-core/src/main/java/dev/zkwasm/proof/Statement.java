package dev.zkwasm.proof;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a proof shows: that the program ran so, and (with the instance list of the proof) all that
 * it reveals. Equality is that of the encodings. Arrays are not to be changed.
 *
 * @param programDigest digest of the program's header, 32 bytes
 * @param export name of the called export
 * @param arguments its arguments
 * @param results its results; empty unless the run returned
 * @param publicInput the public input
 * @param output the public output
 * @param exit how the run ended
 * @param steps number of executed instructions
 * @param context 32 bytes bound to the proof that mean nothing to the machine
 */
@SuppressWarnings("ArrayRecordComponent")
public record Statement(
    byte[] programDigest,
    String export,
    List<Value> arguments,
    List<Value> results,
    byte[] publicInput,
    byte[] output,
    Exit exit,
    long steps,
    byte[] context) {

  /** Bytes of {@link #programDigest} and {@link #context}. */
  public static final int DIGEST_BYTES = 32;

  private static final int VALUE_BYTES = 9;

  public Statement {
    arguments = List.copyOf(arguments);
    results = List.copyOf(results);
    if (programDigest.length != DIGEST_BYTES) {
      throw new IllegalArgumentException(
          "program digest has " + programDigest.length + " bytes, not 32");
    }
    if (context.length != DIGEST_BYTES) {
      throw new IllegalArgumentException("context has " + context.length + " bytes, not 32");
    }
    if (exit.kind() != Exit.Kind.RETURNED && !results.isEmpty()) {
      throw new IllegalArgumentException("results of a run that " + exit);
    }
    if (steps < 0) {
      throw new IllegalArgumentException("steps is " + Long.toUnsignedString(steps));
    }
  }

  /** The canonical encoding. */
  public byte[] encode() {
    ByteWriter out = new ByteWriter();
    out.fixed(programDigest).text(export);
    values(out, arguments);
    values(out, results);
    out.bytes(publicInput).bytes(output);
    out.u8(exit.kind().ordinal()).u32(exit.code()).u64(steps).fixed(context);
    return out.toBytes();
  }

  /**
   * Reads {@link #encode()}.
   *
   * @throws ProofFormatException if the bytes are no statement's encoding
   */
  public static Statement decode(byte[] bytes) throws ProofFormatException {
    ByteReader in = new ByteReader("statement", bytes);
    byte[] programDigest = in.fixed(DIGEST_BYTES);
    String export = in.text();
    List<Value> arguments = values(in);
    List<Value> results = values(in);
    byte[] publicInput = in.bytes();
    byte[] output = in.bytes();
    Exit exit = exit(in);
    long steps = in.u64();
    byte[] context = in.fixed(DIGEST_BYTES);
    in.end();
    try {
      return new Statement(
          programDigest, export, arguments, results, publicInput, output, exit, steps, context);
    } catch (IllegalArgumentException e) {
      throw new ProofFormatException("statement: " + e.getMessage());
    }
  }

  private static void values(ByteWriter out, List<Value> values) {
    out.u32(values.size());
    for (Value value : values) {
      out.u8(value.type().code()).u64(value.bits());
    }
  }

  private static List<Value> values(ByteReader in) throws ProofFormatException {
    int count = in.count(VALUE_BYTES);
    List<Value> values = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int type = in.u8();
      long bits = in.u64();
      try {
        values.add(new Value(ValueType.ofCode(type), bits));
      } catch (IllegalArgumentException e) {
        throw in.error(String.valueOf(e.getMessage()));
      }
    }
    return values;
  }

  private static Exit exit(ByteReader in) throws ProofFormatException {
    int kind = in.u8();
    long code = in.u32();
    Exit.Kind[] kinds = Exit.Kind.values();
    if (kind >= kinds.length) {
      throw in.error("no exit kind " + kind);
    }
    try {
      return new Exit(kinds[kind], code);
    } catch (IllegalArgumentException e) {
      throw in.error(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Statement s && Arrays.equals(encode(), s.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encode());
  }
}

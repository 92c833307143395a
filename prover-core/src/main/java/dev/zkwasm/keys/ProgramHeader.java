package dev.zkwasm.keys;

import dev.zkwasm.curve.G1;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.proof.ByteReader;
import dev.zkwasm.proof.ByteWriter;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.transcript.Keccak256;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a verifier knows of a program: where a run of each export starts, and commitments to its
 * code and image. It is trusted: a verifier computes it from the WebAssembly bytes, or has it from
 * someone who did. Equality is that of the encodings.
 *
 * @param extensionId keccak256 of the WebAssembly bytes, 32 bytes
 * @param loweringVersion version of the lowering
 * @param programLog logarithm of the height of the program table
 * @param imageLog logarithm of the height of the image table
 * @param exports what can be called; names are unique
 * @param initialPages memory size at the start, in 64 KiB pages
 * @param programColumns commitments to the columns of the program table, unblinded
 * @param imageColumns commitments to the program columns of the image table, unblinded
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProgramHeader(
    byte[] extensionId,
    int loweringVersion,
    int programLog,
    int imageLog,
    List<Program.Export> exports,
    int initialPages,
    List<G1> programColumns,
    List<G1> imageColumns) {

  /** The version that is written and read. */
  public static final int VERSION = 1;

  private static final String MARK = "zkwasm program";
  private static final int MAX_PAGES = 65536;

  /** Name length, two counts and the entry. */
  private static final int MIN_EXPORT_BYTES = 16;

  public ProgramHeader {
    exports = List.copyOf(exports);
    programColumns = List.copyOf(programColumns);
    imageColumns = List.copyOf(imageColumns);
    require(extensionId.length == 32, "extension id has not 32 bytes");
    require(loweringVersion >= 0, "lowering version is negative");
    require(isLog(programLog) && isLog(imageLog), "a table height is out of range");
    require(initialPages >= 0 && initialPages <= MAX_PAGES, "initial memory is above 4 GiB");
    Set<String> names = new HashSet<>();
    for (Program.Export export : exports) {
      require(names.add(export.name()), "two exports are named '" + export.name() + "'");
      require(export.entryPc() > 0, "entry of export '" + export.name() + "' is not positive");
    }
  }

  private static boolean isLog(int log) {
    return log >= Instance.MIN_LOG && log <= Instance.MAX_LOG;
  }

  private static void require(boolean condition, String problem) {
    if (!condition) {
      throw new IllegalArgumentException("program header: " + problem);
    }
  }

  /** An export by name. */
  public Optional<Program.Export> export(String name) {
    return exports.stream().filter(e -> e.name().equals(name)).findFirst();
  }

  /** The program digest: keccak256 of the encoding. */
  public byte[] digest() {
    return Keccak256.hash(encode());
  }

  /** The canonical encoding. */
  public byte[] encode() {
    ByteWriter out =
        new ByteWriter().magic(MARK + " " + VERSION).fixed(extensionId).u32(loweringVersion);
    out.u8(programLog).u8(imageLog).u32(exports.size());
    for (Program.Export export : exports) {
      out.text(export.name());
      types(out, export.parameters());
      types(out, export.results());
      out.u32(export.entryPc());
    }
    out.u32(initialPages).u32(Program.FRAME_BASE);
    out.u8(programColumns.size()).g1s(programColumns);
    out.u8(imageColumns.size()).g1s(imageColumns);
    return out.toBytes();
  }

  /**
   * Reads {@link #encode()}.
   *
   * @throws ProofFormatException if the bytes are no program header
   */
  public static ProgramHeader decode(byte[] bytes) throws ProofFormatException {
    ByteReader in = new ByteReader("program header", bytes);
    in.mark(MARK, VERSION);
    byte[] extensionId = in.fixed(32);
    int loweringVersion = int31(in, "lowering version");
    int programLog = in.u8();
    int imageLog = in.u8();
    int count = in.count(MIN_EXPORT_BYTES);
    List<Program.Export> exports = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      String name = in.text();
      List<ValueType> parameters = types(in);
      List<ValueType> results = types(in);
      exports.add(new Program.Export(name, parameters, results, int31(in, "entry pc")));
    }
    int initialPages = int31(in, "initial pages");
    if (in.u32() != Program.FRAME_BASE) {
      throw in.error("frame base is not " + Program.FRAME_BASE);
    }
    List<G1> programColumns = in.g1s(in.u8());
    List<G1> imageColumns = in.g1s(in.u8());
    in.end();
    try {
      return new ProgramHeader(
          extensionId,
          loweringVersion,
          programLog,
          imageLog,
          exports,
          initialPages,
          programColumns,
          imageColumns);
    } catch (IllegalArgumentException e) {
      throw new ProofFormatException(String.valueOf(e.getMessage()));
    }
  }

  private static int int31(ByteReader in, String what) throws ProofFormatException {
    long value = in.u32();
    if (value > Integer.MAX_VALUE) {
      throw in.error(what + " " + value + " is too large");
    }
    return (int) value;
  }

  private static void types(ByteWriter out, List<ValueType> types) {
    out.u32(types.size());
    types.forEach(t -> out.u8(t.code()));
  }

  private static List<ValueType> types(ByteReader in) throws ProofFormatException {
    int count = in.count(1);
    List<ValueType> types = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      try {
        types.add(ValueType.ofCode(in.u8()));
      } catch (IllegalArgumentException e) {
        throw in.error(String.valueOf(e.getMessage()));
      }
    }
    return types;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProgramHeader h && Arrays.equals(encode(), h.encode());
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encode());
  }
}

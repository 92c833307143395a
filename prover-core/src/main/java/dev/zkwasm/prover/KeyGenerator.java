package dev.zkwasm.prover;

import dev.zkwasm.air.Table;
import dev.zkwasm.curve.G1;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ByteReader;
import dev.zkwasm.proof.ByteWriter;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.transcript.Keccak256;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Makes keys. Nothing here is secret or random: everyone gets the same keys from the same
 * constraints, program and reference string.
 */
public final class KeyGenerator {
  private static final Logger LOG = System.getLogger(KeyGenerator.class.getName());

  private final ConstraintSystem system;
  private final Committer committer;

  /** A generator for a constraint system. */
  public KeyGenerator(ConstraintSystem system, Committer committer) {
    this.system = system;
    this.committer = committer;
  }

  /** The universal key. */
  public VerifyingKey verifyingKey() {
    List<G1> fixed = new ArrayList<>();
    for (int table : system.tablesOf(Table.Role.FIXED)) {
      fixed.addAll(commit(system.known().fixed(system.table(table).table())));
    }
    return new VerifyingKey(system.digest(), fixed, committer.srs().tauG2());
  }

  /**
   * The universal key, kept in a directory: read if it is there, else computed and written. A file
   * that is damaged or cannot be written costs time only.
   */
  public VerifyingKey verifyingKey(Path directory) {
    byte[] name = Keccak256.hash(system.digest(), committer.srs().tauG2().toBytes());
    Path file = directory.resolve("verifying-" + HexFormat.of().formatHex(name, 0, 16) + ".key");
    Optional<VerifyingKey> kept = read(file);
    if (kept.isPresent()) {
      return kept.get();
    }
    VerifyingKey key = verifyingKey();
    try {
      Files.createDirectories(directory);
      Path part = Files.createTempFile(directory, "verifying", ".part");
      byte[] encoded = key.encode();
      Files.write(part, new ByteWriter().bytes(encoded).fixed(key.digest()).toBytes());
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "the universal key is not kept: {0}", e.toString());
    }
    return key;
  }

  /** The key in a file, if it is whole and the one that {@link #verifyingKey()} would compute. */
  private Optional<VerifyingKey> read(Path file) {
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      ByteReader in = new ByteReader("kept key", Files.readAllBytes(file));
      VerifyingKey key = VerifyingKey.decode(in.bytes());
      boolean whole = Arrays.equals(key.digest(), in.fixed(Keccak256.BYTES));
      in.end();
      if (whole
          && Arrays.equals(key.constraintDigest(), system.digest())
          && key.tauG2().equals(committer.srs().tauG2())) {
        return Optional.of(key);
      }
      LOG.log(Level.WARNING, "computing the universal key again: {0} is damaged", file);
    } catch (IOException | ProofFormatException e) {
      LOG.log(Level.WARNING, "computing the universal key again: {0}: {1}", file, e.toString());
    }
    return Optional.empty();
  }

  /**
   * The key of a program.
   *
   * @throws IllegalArgumentException if the program is too large for the reference string
   */
  public ProgramKey programKey(Program program) {
    List<TypedVector> code = known(ConstraintSystem.PROGRAM, program);
    List<TypedVector> image = known(ConstraintSystem.IMAGE, program);
    ProgramHeader header =
        new ProgramHeader(
            program.extensionId(),
            program.loweringVersion(),
            log(code),
            log(image),
            program.exports(),
            program.initialMemoryPages(),
            commit(code),
            commit(image));
    return new ProgramKey(program, header);
  }

  private List<TypedVector> known(String name, Program program) {
    int table =
        system.tablesOf(Table.Role.PROGRAM).stream()
            .filter(t -> system.isNamed(t, name))
            .findFirst()
            .orElseThrow();
    return system.known().program(system.table(table).table(), program);
  }

  private static int log(List<TypedVector> columns) {
    return Domain.logOfSize(columns.getFirst().size());
  }

  private List<G1> commit(List<TypedVector> columns) {
    return committer.valuesOfEach(log(columns), columns);
  }
}

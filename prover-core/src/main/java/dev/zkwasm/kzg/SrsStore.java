package dev.zkwasm.kzg;

import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.curve.G2;
import dev.zkwasm.transcript.Keccak256;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A directory of reference strings: the development string, always there and the default, and
 * imported ones. Each has a folder named by its id. Several processes may share the directory.
 *
 * <p>A folder with a file {@code srs} holds an imported string: 12 bytes {@code "zkwasm srs 0"},
 * {@code [tau]_2} (128 bytes), the logarithm of the largest height (one byte), keccak-256 of this.
 * It is written last, so a folder without it is no import.
 */
public final class SrsStore {
  private static final Logger LOG = System.getLogger(SrsStore.class.getName());
  private static final byte[] MAGIC = "zkwasm srs 0".getBytes(StandardCharsets.US_ASCII);
  private static final String DESCRIPTOR = "srs";
  private static final int HASH_BYTES = 32;
  private static final Pattern ID = Pattern.compile("[0-9a-f]{64}");

  private final Path directory;
  private final DevelopmentSrs development;

  /** The store in a directory, which is created when something is first written. */
  public SrsStore(Path directory) {
    this(directory, DevelopmentSrs.DEFAULT_MAX_LOG);
  }

  /**
   * The store in a directory, whose development string serves heights up to {@code
   * 2^developmentMaxLog}.
   *
   * @throws IllegalArgumentException unless {@code 7 <= developmentMaxLog <= 24}
   */
  public SrsStore(Path directory, int developmentMaxLog) {
    this.directory = directory;
    this.development = DevelopmentSrs.cachedIn(directory, developmentMaxLog);
  }

  /** The development string, the default whatever has been imported. */
  public DevelopmentSrs development() {
    return development;
  }

  /**
   * The development string, then the imported ones ordered by id. A damaged import is left out,
   * with a warning in the log.
   *
   * @throws IOException if the directory cannot be read
   */
  public List<Srs> list() throws IOException {
    List<Srs> strings = new ArrayList<>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> folders = Files.newDirectoryStream(directory)) {
        for (Path folder : folders) {
          if (Files.exists(folder.resolve(DESCRIPTOR)) && !folder.endsWith(development.id())) {
            try {
              strings.add(openFolder(folder));
            } catch (IOException e) {
              LOG.log(Level.WARNING, e.getMessage());
            }
          }
        }
      }
      strings.sort(Comparator.comparing(Srs::id));
    }
    strings.addFirst(development);
    return strings;
  }

  /**
   * The string with an id.
   *
   * @throws IllegalArgumentException if it is not in the store
   * @throws IOException if the store cannot be read, or the import is damaged
   */
  public Srs open(String id) throws IOException {
    if (id.equals(development.id())) {
      return development;
    }
    // Only ids become paths.
    if (ID.matcher(id).matches() && Files.exists(directory.resolve(id).resolve(DESCRIPTOR))) {
      return openFolder(directory.resolve(id));
    }
    String known = list().stream().map(Srs::id).collect(Collectors.joining(", "));
    throw new IllegalArgumentException(
        "no reference string " + id + " in " + directory + ", which has: " + known);
  }

  /**
   * Checks a powers-of-tau file and copies what is needed of it into the store; an earlier import
   * of the same ceremony is replaced.
   *
   * @throws PtauException if the file is malformed or fails a check
   * @throws IOException if the file cannot be read, or the store not written
   */
  public ImportedSrs importPtau(Path file) throws IOException {
    PtauFile.Contents contents = PtauFile.read(file);
    G2 tauG2 = contents.tauG2();
    BasisFiles files = new BasisFiles(directory, tauG2);
    files.write(new Basis(Basis.Kind.POWERS, contents.maxLog()), contents.powers());
    for (int log = 0; log < contents.lagrange().size(); log++) {
      G1Vector basis = contents.lagrange().get(log);
      files.write(new Basis(Basis.Kind.LAGRANGE, log), basis);
    }
    Path partial = Files.createTempFile(files.directory(), DESCRIPTOR, ".partial");
    try {
      Files.write(partial, describe(tauG2, contents.maxLog()));
      Files.move(partial, files.directory().resolve(DESCRIPTOR), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(partial);
    }
    return new ImportedSrs(tauG2, contents.maxLog(), files);
  }

  private static byte[] describe(G2 tauG2, int maxLog) {
    byte[] body =
        ByteBuffer.allocate(MAGIC.length + G2.BYTES + 1)
            .put(MAGIC)
            .put(tauG2.toBytes())
            .put((byte) maxLog)
            .array();
    return ByteBuffer.allocate(body.length + HASH_BYTES)
        .put(body)
        .put(Keccak256.hash(body))
        .array();
  }

  private ImportedSrs openFolder(Path folder) throws IOException {
    Path file = folder.resolve(DESCRIPTOR);
    byte[] bytes = Files.readAllBytes(file);
    int bodyLength = MAGIC.length + G2.BYTES + 1;
    if (bytes.length == bodyLength + HASH_BYTES) {
      byte[] body = Arrays.copyOf(bytes, bodyLength);
      byte[] hash = Arrays.copyOfRange(bytes, bodyLength, bytes.length);
      if (Arrays.equals(hash, Keccak256.hash(body))
          && Arrays.equals(MAGIC, Arrays.copyOf(body, MAGIC.length))) {
        G2 tauG2 = G2.fromBytes(body, MAGIC.length);
        if (folder.endsWith(Srs.id(tauG2))) {
          return new ImportedSrs(tauG2, body[bodyLength - 1], new BasisFiles(directory, tauG2));
        }
      }
    }
    throw new IOException(
        file + " is damaged: remove the folder and import the reference string again");
  }
}

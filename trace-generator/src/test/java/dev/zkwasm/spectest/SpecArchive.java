package dev.zkwasm.spectest;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.tukaani.xz.XZInputStream;

/**
 * The archive of the specification tests, read in memory: no unpacked copy can be stale or half
 * written.
 */
final class SpecArchive {
  private static final int BLOCK = 512;

  private SpecArchive() {}

  /** Where it lies beside the repository; tests start in a module's folder. */
  static Path location() {
    return Path.of("..", "..", "shared", "spectests", "wasm-spec-wg-2.0.tar.xz");
  }

  /** All scripts but those of SIMD, sorted by name. */
  static List<Script> scripts(Path archive) throws IOException {
    Map<String, Map<String, byte[]>> folders = new TreeMap<>();
    try (InputStream file = Files.newInputStream(archive);
        DataInputStream tar =
            new DataInputStream(new XZInputStream(new BufferedInputStream(file)))) {
      readTar(tar, folders);
    }
    List<Script> scripts = new ArrayList<>();
    folders.forEach((name, files) -> scripts.add(Script.read(name, files)));
    return scripts;
  }

  /** Regular files of a POSIX tar archive by folder; paths are {@code wg-2.0/SCRIPT/FILE}. */
  private static void readTar(DataInputStream tar, Map<String, Map<String, byte[]>> folders)
      throws IOException {
    byte[] header = new byte[BLOCK];
    while (true) {
      try {
        tar.readFully(header);
      } catch (EOFException e) {
        return;
      }
      if (header[0] == 0) {
        return; // a block of zeros ends the archive
      }
      String[] path = field(header, 0, 100).split("/");
      int size = Integer.parseInt(field(header, 124, 12).trim(), 8);
      byte[] content = new byte[size];
      tar.readFully(content);
      tar.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
      boolean regular = header[156] == '0';
      if (regular && path.length == 3 && !path[1].startsWith("simd_")) {
        folders.computeIfAbsent(path[1], name -> new HashMap<>()).put(path[2], content);
      }
    }
  }

  private static String field(byte[] header, int start, int length) {
    int end = start;
    while (end < start + length && header[end] != 0) {
      end++;
    }
    return new String(header, start, end - start, StandardCharsets.UTF_8);
  }
}

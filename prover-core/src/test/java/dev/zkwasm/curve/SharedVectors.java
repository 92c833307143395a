package dev.zkwasm.curve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/**
 * Test vectors that lie beside the checkout, in {@code ../shared/vectors}; without them a test is
 * skipped, and says so.
 */
public final class SharedVectors {
  private SharedVectors() {}

  /** One case of go-ethereum's precompile vectors. */
  public record PrecompileCase(String name, byte[] input, byte[] expected) {}

  /** The path of a file, or the running test is skipped with the reason printed. */
  public static Path file(String name) {
    // Surefire runs in the module's folder.
    Path path = Path.of("..", "..", "shared", "vectors", name);
    if (!Files.isRegularFile(path)) {
      String reason = "SKIPPED: no shared test vector " + path.toAbsolutePath().normalize();
      System.err.println(reason);
      Assumptions.abort(reason);
    }
    return path;
  }

  /** The cases of a precompile file. */
  public static List<PrecompileCase> precompile(String name) throws IOException {
    Pattern member = Pattern.compile("\"(Input|Expected|Name)\"\\s*:\\s*\"([^\"]*)\"");
    List<PrecompileCase> cases = new ArrayList<>();
    for (String object : Files.readString(file(name)).split("\\}")) {
      byte[] input = null;
      byte[] expected = null;
      String label = null;
      Matcher m = member.matcher(object);
      while (m.find()) {
        switch (m.group(1)) {
          case "Input" -> input = HexFormat.of().parseHex(m.group(2));
          case "Expected" -> expected = HexFormat.of().parseHex(m.group(2));
          default -> label = m.group(2);
        }
      }
      if (input != null && expected != null && label != null) {
        cases.add(new PrecompileCase(label, input, expected));
      }
    }
    return cases;
  }
}

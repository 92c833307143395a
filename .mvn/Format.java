import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/**
 * Runs google-java-format over every Java source of the repository: {@code java Format.java check}
 * or {@code rewrite}, from the root. The formatter itself takes file names only, and the build must
 * not depend on a shell to list them.
 */
class Format {
  public static void main(String[] args) throws IOException {
    boolean check =
        switch (args[0]) {
          case "check" -> true;
          case "rewrite" -> false;
          default -> throw new IllegalArgumentException("check or rewrite, not " + args[0]);
        };
    List<String> command =
        new ArrayList<>(
            check ? List.of("--dry-run", "--set-exit-if-changed") : List.of("--replace"));
    command.addAll(sources(Path.of("")));
    int status =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(System.out, System.err, command.toArray(String[]::new));
    if (status != 0 && check) {
      System.err.println(
          "The sources listed above are not formatted, or do not parse."
              + " To format all: mvn -q -N -Pformat process-sources");
    }
    System.exit(status);
  }

  private static List<String> sources(Path root) throws IOException {
    List<String> sources = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return switch (folder.getFileName().toString()) {
              case "target", ".git" -> FileVisitResult.SKIP_SUBTREE;
              default -> FileVisitResult.CONTINUE;
            };
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              sources.add(file.toString());
            }
            return FileVisitResult.CONTINUE;
          }
        });
    sources.sort(null);
    return sources;
  }
}

package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The API reference is what the .proto files say, and they say something about everything. */
class ApiReferenceTest {
  private static final Path FILE = Path.of("..", "docs", "api.md");
  private static final Pattern LINK = Pattern.compile("\\]\\(#([^)]*)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^### (.*)$");

  private static List<FileDescriptorProto> files() throws IOException {
    try (InputStream in =
        ApiReferenceTest.class.getResourceAsStream("/zkwasm/prover/v1/descriptors.binpb")) {
      assertNotNull(in, "the build wrote no descriptors");
      return FileDescriptorSet.parseFrom(in).getFileList().stream()
          .filter(file -> file.getPackage().equals("zkwasm.prover.v1"))
          .toList();
    }
  }

  @Test
  void pageIsCurrent() throws IOException {
    String page = ApiReference.of(files());
    if (Boolean.getBoolean("api.rewrite")) {
      Files.writeString(FILE, page);
    }
    assertEquals(
        page,
        Files.readString(FILE),
        "docs/api.md is not what the .proto files say: run this test with -Dapi.rewrite=true");
  }

  @Test
  void pageHasAllFiles() throws IOException {
    assertEquals(
        Set.of("extensions", "node", "objects", "pools", "prover", "status", "verifier"),
        Set.copyOf(
            files().stream().map(f -> f.getName().replaceAll(".*/|\\.proto$", "")).toList()));
  }

  @Test
  void linksLeadToHeadings() throws IOException {
    String page = ApiReference.of(files());
    Set<String> anchors = new HashSet<>();
    Matcher headings = HEADING.matcher(page);
    while (headings.find()) {
      String anchor = headings.group(1).replace(".", "").replace(' ', '-').toLowerCase(Locale.ROOT);
      assertTrue(anchors.add(anchor), "two headings " + anchor);
    }
    Matcher links = LINK.matcher(page);
    while (links.find()) {
      assertTrue(anchors.contains(links.group(1)), "no heading " + links.group(1));
    }
  }

  @Test
  void namesWhatIsNotDocumented() throws IOException {
    for (FileDescriptorProto file : files()) {
      for (Location location : file.getSourceCodeInfo().getLocationList()) {
        // The comment of the file itself, which it need not have.
        if (!location.hasLeadingComments() || location.getPathCount() == 1) {
          continue;
        }
        FileDescriptorProto.Builder poorer = file.toBuilder();
        int index = file.getSourceCodeInfo().getLocationList().indexOf(location);
        poorer.getSourceCodeInfoBuilder().getLocationBuilder(index).clearLeadingComments();
        assertThrows(
            IllegalArgumentException.class,
            () -> ApiReference.of(List.of(poorer.build())),
            () -> file.getName() + " without " + location.getLeadingComments());
      }
    }
  }
}

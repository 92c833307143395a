package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The jar for other languages has what a client in one needs, and nothing else. */
class ProtosTest {
  private static final Path SOURCES = Path.of("src", "main", "proto");
  private static final String DESCRIPTORS = "zkwasm/prover/v1/descriptors.binpb";

  /** What the build has packed, by name. */
  private static Map<String, byte[]> packed() throws IOException {
    Path classes =
        Path.of(
            URI.create(
                Objects.requireNonNull(ProtosTest.class.getResource("ProtosTest.class"))
                    .toString()
                    .replaceFirst("test-classes/.*", "")));
    List<Path> jars;
    try (Stream<Path> files = Files.list(classes)) {
      jars = files.filter(file -> file.toString().endsWith("-protos.jar")).toList();
    }
    assertEquals(1, jars.size(), jars::toString);
    Map<String, byte[]> contents = new TreeMap<>();
    try (JarFile jar = new JarFile(jars.getFirst().toFile())) {
      for (JarEntry entry : jar.stream().toList()) {
        if (!entry.isDirectory() && !entry.getName().startsWith("META-INF/")) {
          try (InputStream in = jar.getInputStream(entry)) {
            contents.put(entry.getName(), in.readAllBytes());
          }
        }
      }
    }
    return contents;
  }

  @Test
  void hasTheFilesAsTheyAre() throws IOException {
    Map<String, byte[]> packed = packed();
    TreeSet<String> expected = new TreeSet<>(List.of(DESCRIPTORS));
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".proto")).toList()) {
        String name = SOURCES.relativize(file).toString().replace('\\', '/');
        expected.add(name);
        assertArrayEquals(Files.readAllBytes(file), packed.get(name), name);
      }
    }
    assertEquals(expected, packed.keySet());
  }

  /** Read with nothing else at hand, they are the API that this node serves. */
  @Test
  void theDescriptorsAreWhole() throws Exception {
    FileDescriptorSet set =
        FileDescriptorSet.parseFrom(Objects.requireNonNull(packed().get(DESCRIPTORS)));
    Map<String, FileDescriptor> built = new HashMap<>();
    for (FileDescriptorProto file : set.getFileList()) {
      // Imports come before what needs them.
      FileDescriptor[] imports =
          file.getDependencyList().stream()
              .map(name -> Objects.requireNonNull(built.get(name), name + " is missing"))
              .toArray(FileDescriptor[]::new);
      built.put(file.getName(), FileDescriptor.buildFrom(file, imports));
    }
    int methods = 0;
    for (String name :
        List.of("extensions", "prover", "pools", "verifier", "node", "objects", "status")) {
      FileDescriptor file = built.get("zkwasm/prover/v1/" + name + ".proto");
      assertTrue(file != null, name);
      for (ServiceDescriptor service : file.getServices()) {
        for (MethodDescriptor method : service.getMethods()) {
          Descriptor input = method.getInputType();
          assertTrue(input.getFile() != null, method.getFullName());
          methods++;
        }
      }
    }
    assertEquals(served(), methods);
  }

  /** Methods of all services of the API, by the code generated from it. */
  private static int served() {
    return Stream.of(
            dev.zkwasm.proto.v1.ExtensionsGrpc.getServiceDescriptor(),
            dev.zkwasm.proto.v1.ProverGrpc.getServiceDescriptor(),
            dev.zkwasm.proto.v1.PoolsGrpc.getServiceDescriptor(),
            dev.zkwasm.proto.v1.VerifierGrpc.getServiceDescriptor(),
            dev.zkwasm.proto.v1.NodeGrpc.getServiceDescriptor())
        .mapToInt(service -> service.getMethods().size())
        .sum();
  }
}

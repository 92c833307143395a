package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.ProofVerificationResponse.Verdict;
import dev.zkwasm.proto.v1.RegisterExtensionRequest;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import io.grpc.StatusRuntimeException;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node as it is run, the real prover in a process of its own, is given private inputs with a mark
 * in them: in runs that succeed, that exit, that are refused, and in traces, right and wrong. Then
 * all that has left the process is searched for the mark: what it printed and logged, its answers,
 * proofs, metrics and status page, every file that it keeps and every temporary one.
 */
@Timeout(300)
class PrivacyTest {
  private static final String GUEST = "/dev/zkwasm/guests/sealed_bid.wasm";

  /** The salt of the bid: three words, none of which can be there by chance. */
  private static final byte[] MARK = "never-to-be-seen-outside".getBytes(StandardCharsets.US_ASCII);

  @TempDir private static Path folder = Path.of("");

  /** The mark as it may be written: word by word, in either order of bytes, as text. */
  private static Map<String, byte[]> forms() {
    Map<String, byte[]> forms = new LinkedHashMap<>();
    for (int i = 0; i < MARK.length; i += Long.BYTES) {
      long word = ByteBuffer.wrap(MARK, i, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] little = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(word).array();
      byte[] big = ByteBuffer.allocate(8).putLong(word).array();
      forms.put("bytes of word " + i / 8, little);
      forms.put("bytes of word " + i / 8 + ", turned", big);
      for (String text :
          List.of(
              HexFormat.of().formatHex(little),
              HexFormat.of().formatHex(big),
              Long.toUnsignedString(word),
              Long.toString(word),
              Base64.getEncoder().encodeToString(little).substring(0, 10))) {
        forms.put(text, text.getBytes(StandardCharsets.US_ASCII));
      }
    }
    return forms;
  }

  private static void search(String where, byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    forms()
        .forEach(
            (form, of) ->
                assertFalse(
                    text.contains(new String(of, StandardCharsets.ISO_8859_1)),
                    () -> where + " shows the private input: " + form));
  }

  private static void search(String where, String text) {
    search(where, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] guest() throws IOException {
    try (InputStream in = Objects.requireNonNull(PrivacyTest.class.getResourceAsStream(GUEST))) {
      return in.readAllBytes();
    }
  }

  /** A bid with the mark for salt. */
  private static byte[] secret(long bid) {
    return ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN).putLong(bid).put(MARK).array();
  }

  private static byte[] prices(long... prices) {
    ByteBuffer buffer = ByteBuffer.allocate(8 * prices.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long price : prices) {
      buffer.putLong(price);
    }
    return buffer.array();
  }

  private static ByteString fill(int length, int value) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) value);
    return ByteString.copyFrom(bytes);
  }

  private static SubmitOperationRequest submission(
      Extension extension, byte[] publicInput, byte[] privateInput) {
    return SubmitOperationRequest.newBuilder()
        .setOperation(
            Operation.newBuilder()
                .setChainId(1)
                .setExtensionId(extension.getExtensionId())
                .setTo(fill(20, 1))
                .setGas(10_000_000)
                .setData(ByteString.copyFrom(publicInput))
                .setBlockHash(fill(32, 2)))
        .setProcessedBlockHash(fill(32, 3))
        .setFeeRecipient(fill(20, 4))
        .setPrivateInput(ByteString.copyFrom(privateInput))
        .build();
  }

  /** The search finds what is there to be found. */
  @Test
  void theMarkWouldBeFound() {
    assertThrows(AssertionError.class, () -> search("a secret", secret(7)));
    assertThrows(AssertionError.class, () -> search("in hex", HexFormat.of().formatHex(secret(7))));
  }

  @Test
  void nothingPrivateLeavesTheNode() throws Exception {
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    Path errors = folder.resolve("stderr");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-Xshare:auto",
            "-Xmx2g",
            "-Djava.io.tmpdir=" + temporary,
            "-cp",
            System.getProperty("java.class.path"),
            Main.class.getName(),
            "serve",
            "--port",
            "0",
            "--http-port",
            "0",
            "--log-level",
            "trace",
            "--log-format",
            "json",
            "--home",
            folder.resolve("home").toString()));
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    StringBuilder printed = new StringBuilder();
    try {
      BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
      int port = number(out, printed, Pattern.compile("listening on [^:]*:(\\d+)"), errors);
      int http = number(out, printed, Pattern.compile("http://127.0.0.1:(\\d+)/"), errors);
      try (ProverClient client = ProverClient.connect("127.0.0.1", port)) {
        use(client);
      }
      for (String page : List.of("/", "/metrics")) {
        search(page, get(http, page));
      }
      searchFiles("of the running node");
    } finally {
      process.destroy();
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "the node does not stop");
    }
    search("what it printed", printed.toString());
    search("the log", Files.readAllBytes(errors));
    searchFields(Files.readAllLines(errors));
    assertTrue(Files.size(errors) > 100, "there is a log to be searched");
    searchFiles("that the node has left");
  }

  /** Every line of the log is an object, and those about a job have its id as a field. */
  private static void searchFields(List<String> log) {
    int jobs = 0;
    for (String line : log) {
      // The Java machine's own greeting.
      if (line.startsWith("WARNING: Using incubator modules")) {
        continue;
      }
      JsonObject record = JsonParser.parseString(line).getAsJsonObject();
      for (String field : List.of("time", "level", "logger", "message")) {
        assertTrue(record.has(field), line);
      }
      Instant.parse(record.get("time").getAsString());
      jobs += record.has("job") && record.get("message").getAsString().contains("state=") ? 1 : 0;
    }
    assertTrue(jobs >= 4, "ends of jobs in the log: " + jobs);
  }

  private static void use(ProverClient client) throws IOException {
    Extension extension =
        client.register(guest(), RegisterExtensionRequest.Metadata.getDefaultInstance());
    List<Job> jobs = new ArrayList<>();
    jobs.add(client.submit(submission(extension, prices(50, 70), secret(100))));
    // Exits with a code, as the input is too short by a byte.
    byte[] shorter = Arrays.copyOf(secret(100), 31);
    jobs.add(client.submit(submission(extension, prices(50, 71), shorter)));
    byte[] trace = trace();
    jobs.add(
        client.submitTrace(
            new ByteArrayInputStream(trace), SubmitTraceRequest.Metadata.getDefaultInstance()));
    for (int at : places(trace)) {
      byte[] wrong = trace.clone();
      wrong[at] ^= 1;
      try {
        jobs.add(
            client.submitTrace(
                new ByteArrayInputStream(wrong), SubmitTraceRequest.Metadata.getDefaultInstance()));
      } catch (StatusRuntimeException e) {
        search("a refusal", e.toString());
      }
    }
    int succeeded = 0;
    int failed = 0;
    for (Job job : jobs) {
      Job done = client.watch(job.getJobId(), j -> search("progress", j.toString()));
      search("job", done.toByteArray());
      search("job as text", done.toString());
      succeeded += done.getState() == Job.State.SUCCEEDED ? 1 : 0;
      failed += done.getState() == Job.State.FAILED ? 1 : 0;
    }
    assertEquals(3, succeeded);
    assertTrue(failed > 0, "no wrong trace was looked at");
    Job first = client.watch(jobs.getFirst().getJobId(), j -> {});
    assertEquals(
        Verdict.VALID,
        client
            .verify(
                submission(extension, prices(50, 70), secret(100)).getOperation(),
                first.getPostOp())
            .getVerdict());
    search("jobs", client.listJobs(ListJobsRequest.getDefaultInstance()).toByteArray());
    // Refused as a whole: more than a node takes.
    byte[] large = new byte[64 << 20];
    System.arraycopy(MARK, 0, large, 0, MARK.length);
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> client.submit(submission(extension, prices(50), large)));
    search("a refusal", refused.toString());
  }

  /** A trace of the guest, made by the command line. */
  private static byte[] trace() throws IOException {
    Path wasm = Files.write(folder.resolve("guest.wasm"), guest());
    Path publicInput = Files.write(folder.resolve("prices"), prices(50, 72));
    Path privateInput = Files.write(folder.resolve("private-input"), secret(100));
    Path file = folder.resolve("private-trace");
    assertEquals(
        0,
        Main.run(
            new String[] {
              "trace",
              wasm.toString(),
              "--invoke",
              "run",
              "--input",
              publicInput.toString(),
              "--private",
              privateInput.toString(),
              "-o",
              file.toString(),
              "--home",
              folder.resolve("home").toString()
            },
            System.out,
            System.err));
    byte[] bytes = Files.readAllBytes(file);
    for (Path own : List.of(privateInput, file)) {
      Files.delete(own);
    }
    return bytes;
  }

  /**
   * Places in records that hold a word of the mark, as variable-length integers: the record differs
   * from the run there, and what is said of it must not show the word.
   */
  private static List<Integer> places(byte[] trace) {
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < MARK.length; i += Long.BYTES) {
      long word = ByteBuffer.wrap(MARK, i, Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong();
      byte[] leb = leb128(word);
      for (int at = 0; at + leb.length <= trace.length; at++) {
        if (Arrays.equals(trace, at, at + leb.length, leb, 0, leb.length)) {
          places.add(at);
          break;
        }
      }
    }
    assertFalse(places.isEmpty(), "the trace holds the words of the private input");
    return places;
  }

  private static byte[] leb128(long value) {
    ByteBuffer out = ByteBuffer.allocate(10);
    long rest = value;
    while (rest >>> 7 != 0) {
      out.put((byte) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
    return Arrays.copyOf(out.array(), out.position());
  }

  private static int number(BufferedReader out, StringBuilder printed, Pattern pattern, Path errors)
      throws IOException {
    String line;
    while ((line = out.readLine()) != null) {
      printed.append(line).append('\n');
      Matcher matcher = pattern.matcher(line);
      if (matcher.find()) {
        return Integer.parseInt(matcher.group(1));
      }
    }
    throw new IOException("the node did not start: " + Files.readString(errors));
  }

  private static byte[] get(int port, String page) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpResponse<byte[]> response =
          http.send(
              HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page)).build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertEquals(200, response.statusCode(), page);
      assertTrue(response.body().length > 100, page);
      return response.body();
    }
  }

  private static void searchFiles(String which) throws IOException {
    int searched = 0;
    for (String part : List.of("home", "tmp")) {
      List<Path> files;
      try (Stream<Path> found = Files.walk(folder.resolve(part))) {
        files = found.filter(Files::isRegularFile).toList();
      }
      for (Path file : files) {
        // Bases of the reference string are large and no secret.
        if (Files.size(file) < 64 << 20) {
          search(file + ", a file " + which, Files.readAllBytes(file));
          searched++;
        }
      }
    }
    assertTrue(searched > 2, "files: " + searched);
    System.out.println("assurance: privacy: " + searched + " files " + which + " searched");
  }
}

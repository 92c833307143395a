package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.zkwasm.client.ProverClient;
import dev.zkwasm.engine.FakeEngine;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.ListJobsRequest;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.ProcessedPostOp;
import dev.zkwasm.proto.v1.ProofVerificationRequest;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.SubmitTraceRequest;
import dev.zkwasm.signing.NodeKey;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS, certificates of clients, and tokens, over real connections. */
@Timeout(120)
class AccessTest {
  @TempDir private Path folder = Path.of("");
  private final FakeEngine engine = new FakeEngine();

  private record Identity(X509Certificate certificate, PrivateKey key) {}

  /**
   * @param authority null: signed by itself, an authority
   */
  private static Identity identity(String name, @Nullable Identity authority) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(256);
    KeyPair keys = generator.generateKeyPair();
    X500Name subject = new X500Name("CN=" + name);
    X500Name issuer =
        authority == null
            ? subject
            : X500Name.getInstance(authority.certificate().getSubjectX500Principal().getEncoded());
    Instant now = Instant.now();
    JcaX509v3CertificateBuilder builder =
        new JcaX509v3CertificateBuilder(
            issuer,
            BigInteger.valueOf(now.toEpochMilli()),
            Date.from(now.minusSeconds(60)),
            Date.from(now.plusSeconds(3600)),
            subject,
            keys.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority == null));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(new GeneralName(GeneralName.iPAddress, "127.0.0.1")));
    PrivateKey signer = authority == null ? keys.getPrivate() : authority.key();
    return new Identity(
        new JcaX509CertificateConverter()
            .getCertificate(
                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))),
        keys.getPrivate());
  }

  private static Identity authority(String name) throws Exception {
    return identity(name, null);
  }

  private Path certificate(String name, Identity identity) throws Exception {
    return pem(name + ".crt", "CERTIFICATE", identity.certificate().getEncoded());
  }

  private Path key(String name, Identity identity) throws IOException {
    return pem(name + ".key", "PRIVATE KEY", identity.key().getEncoded());
  }

  private Path pem(String file, String kind, byte[] encoded) throws IOException {
    return Files.writeString(
        folder.resolve(file),
        "-----BEGIN %s-----\n%s\n-----END %s-----\n"
            .formatted(kind, Base64.getMimeEncoder().encodeToString(encoded), kind));
  }

  private ProverServer start(Access access) throws IOException {
    ServerConfig config =
        new ServerConfig(
            "127.0.0.1",
            0,
            false,
            access,
            "node",
            1,
            NodeProcess.LIMITS,
            Fees.NONE,
            0,
            -1,
            Duration.ofSeconds(1));
    return ProverServer.start(engine, config, folder.resolve("store"), NodeKey.generate(), "0.0");
  }

  private static Status.Code refused(Runnable call) {
    return assertThrows(StatusRuntimeException.class, call::run).getStatus().getCode();
  }

  @Test
  void clientsShowCertificates() throws Exception {
    Identity authority = authority("authority");
    Identity node = identity("node", authority);
    Identity alice = identity("alice", authority);
    Identity root = identity("root", authority);
    Identity stranger = identity("mallory", authority("another authority"));
    Path ca = certificate("ca", authority);
    Access access =
        new Access(
            new Access.Tls(certificate("node", node), key("node", node), ca, Set.of("CN=root")),
            null,
            1000,
            100);
    try (ProverServer server = start(access)) {
      ProverClient.Security trusting = new ProverClient.Security(ca, null, null, null);
      try (ProverClient client =
          ProverClient.connect(
              "127.0.0.1",
              server.port(),
              trusting.with(certificate("alice", alice), key("alice", alice)))) {
        Job job = submit(client);
        assertEquals("CN=alice", job.getClient());
        // A certificate is no licence to administer.
        assertEquals(
            Status.Code.PERMISSION_DENIED, refused(() -> client.deregister(job.getExtensionId())));
      }
      try (ProverClient admin =
          ProverClient.connect(
              "127.0.0.1",
              server.port(),
              trusting.with(certificate("root", root), key("root", root)))) {
        assertEquals(1, admin.listJobs(ListJobsRequest.getDefaultInstance()).getJobsCount());
        assertEquals(List.of(), admin.announceBlock(1, ByteString.copyFrom(new byte[32])));
      }
      for (ProverClient.Security security :
          new ProverClient.Security[] {
            trusting,
            trusting.with(certificate("mallory", stranger), key("mallory", stranger)),
            new ProverClient.Security(certificate("other", stranger), null, null, null)
          }) {
        try (ProverClient client = ProverClient.connect("127.0.0.1", server.port(), security)) {
          assertEquals(Status.Code.UNAVAILABLE, refused(client::capabilities));
        }
      }
      try (ProverClient clear = ProverClient.connect("127.0.0.1", server.port())) {
        assertEquals(Status.Code.UNAVAILABLE, refused(clear::capabilities));
      }
    }
  }

  private Job submit(ProverClient client) {
    ByteString extension =
        client.register(FakeEngine.module("run"), Metadata.getDefaultInstance()).getExtensionId();
    return client.submit(submission(extension).build());
  }

  private static SubmitOperationRequest.Builder submission(ByteString extension) {
    return SubmitOperationRequest.newBuilder()
        .setOperation(
            Operation.newBuilder()
                .setExtensionId(extension)
                .setTo(ByteString.copyFrom(new byte[20]))
                .setGas(1000)
                .setBlockHash(ByteString.copyFrom(new byte[32])))
        .setProcessedBlockHash(ByteString.copyFrom(new byte[32]))
        .setFeeRecipient(ByteString.copyFrom(new byte[20]));
  }

  private ProverClient as(ProverServer server, String name, String scope) throws Exception {
    String token = TokensTest.token(name, scope, Instant.now().getEpochSecond() + 60);
    return ProverClient.connect(
        "127.0.0.1", server.port(), new ProverClient.Security(null, null, null, token));
  }

  @Test
  void tokensSayWhatTheirBearersMayDo() throws Exception {
    Tokens tokens = Tokens.of(TokensTest.secret(folder), null);
    try (ProverServer server = start(new Access(null, tokens, 1000, 100));
        ProverClient nobody = ProverClient.connect("127.0.0.1", server.port());
        ProverClient submitter = as(server, "alice", "submit");
        ProverClient other = as(server, "bob", "submit");
        ProverClient verifier = as(server, "carol", "verify");
        ProverClient admin = as(server, "dave", "admin")) {
      assertEquals(Status.Code.UNAUTHENTICATED, refused(nobody::capabilities));
      assertEquals("node", verifier.capabilities().getNodeId());
      assertEquals(Status.Code.PERMISSION_DENIED, refused(() -> submit(verifier)));
      assertEquals(
          Status.Code.PERMISSION_DENIED,
          refused(() -> submitter.verify(ProofVerificationRequest.getDefaultInstance())));
      assertEquals(
          Status.Code.INVALID_ARGUMENT,
          refused(() -> verifier.verify(ProofVerificationRequest.getDefaultInstance())));
      engine.gate = new CountDownLatch(1);
      Job job = submit(submitter);
      assertEquals("alice", job.getClient());
      assertTrue(engine.begun.await(20, TimeUnit.SECONDS));
      // A job is its submitter's, and the administrator's.
      assertEquals(Status.Code.NOT_FOUND, refused(() -> other.cancelJob(job.getJobId())));
      assertEquals(
          Status.Code.PERMISSION_DENIED, refused(() -> submitter.deregister(job.getExtensionId())));
      assertEquals(Job.State.CANCELLED, admin.cancelJob(job.getJobId()).getState());
      admin.deregister(job.getExtensionId());
    }
  }

  /** What another client's job is, whether it is there, and what is private about it. */
  @Test
  void aJobIsItsSubmittersOwn() throws Exception {
    Tokens tokens = Tokens.of(TokensTest.secret(folder), null);
    try (ProverServer server = start(new Access(null, tokens, 1000, 100));
        ProverClient alice = as(server, "alice", "submit");
        ProverClient bob = as(server, "bob", "submit verify");
        ProverClient admin = as(server, "dave", "admin")) {
      Job job = submit(alice);
      String id = job.getJobId();
      Job done = alice.watch(id, j -> {});
      assertEquals(Job.State.SUCCEEDED, done.getState());
      // Bob hears what he hears of a job that does not exist, whatever he asks.
      for (Consumer<String> ask :
          List.<Consumer<String>>of(bob::getJob, bob::cancelJob, i -> bob.watch(i, j -> {}))) {
        String unknown = "00000000-0000-0000-0000-000000000000";
        StatusRuntimeException other =
            assertThrows(StatusRuntimeException.class, () -> ask.accept(id));
        StatusRuntimeException none =
            assertThrows(StatusRuntimeException.class, () -> ask.accept(unknown));
        assertEquals(Status.Code.NOT_FOUND, other.getStatus().getCode());
        assertEquals(
            String.valueOf(none.getStatus().getDescription()).replace(unknown, id),
            other.getStatus().getDescription());
      }
      ListJobsRequest all = ListJobsRequest.getDefaultInstance();
      assertEquals(0, bob.listJobs(all).getJobsCount());
      assertEquals(1, alice.listJobs(all).getJobsCount());
      assertEquals(done, admin.getJob(id));
      assertEquals(done, admin.watch(id, j -> {}));
      assertEquals(1, admin.listJobs(all).getJobsCount());
      // The result is for everybody, without who had it made.
      ProcessedPostOp postOp = bob.postOp(done.getOperationHash());
      assertEquals(done.getPostOp(), postOp.getPostOp());
      assertFalse(postOp.toString().contains("alice"));

      // The same Operation of another client is another job: nobody learns by it whether he has
      // guessed the private input, and nobody can take another's place.
      ByteString guess = ByteString.copyFromUtf8("guess");
      Job same = bob.submit(submission(job.getExtensionId()).build());
      Job guessed = bob.watch(same.getJobId(), j -> {});
      assertNotEquals(id, same.getJobId());
      assertEquals("bob", guessed.getClient());
      assertEquals(
          Status.Code.ALREADY_EXISTS,
          refused(
              () -> bob.submit(submission(job.getExtensionId()).setPrivateInput(guess).build())));
      assertEquals(done, submit(alice));
      assertEquals(1, bob.listJobs(all).getJobsCount());
      assertEquals(2, admin.listJobs(all).getJobsCount());
      // So is the same trace, and an upload is known to who began it only.
      Job trace = alice.submitTrace(new ByteArrayInputStream(FakeEngine.TRACE), upload("mine"));
      assertEquals(
          trace.getJobId(),
          alice.submitTrace(new ByteArrayInputStream(FakeEngine.TRACE), upload("")).getJobId());
      assertNotEquals(
          trace.getJobId(),
          bob.submitTrace(new ByteArrayInputStream(FakeEngine.TRACE), upload("")).getJobId());
    }
  }

  private static SubmitTraceRequest.Metadata upload(String id) {
    return SubmitTraceRequest.Metadata.newBuilder().setUploadId(id).build();
  }

  /** Who sends nonsense all the time is refused, others are not. */
  @Test
  void wrongRequestsBlockTheirSender() throws Exception {
    Tokens tokens = Tokens.of(TokensTest.secret(folder), null);
    try (ProverServer server = start(new Access(null, tokens, 1000, 20));
        ProverClient bad = as(server, "mallory", "verify");
        ProverClient good = as(server, "alice", "verify")) {
      for (int i = 0; i < 21; i++) {
        assertEquals(
            Status.Code.INVALID_ARGUMENT,
            refused(() -> bad.verify(ProofVerificationRequest.getDefaultInstance())));
      }
      assertEquals(Status.Code.PERMISSION_DENIED, refused(bad::capabilities));
      assertEquals("node", good.capabilities().getNodeId());
    }
  }
}

package dev.zkwasm.frozen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.ForgingProver;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.prover.SecondVerifier;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.testing.TestProver;
import dev.zkwasm.trace.HeadLimits;
import dev.zkwasm.trace.TraceFile;
import dev.zkwasm.trace.TraceReplay;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Key, header, statement, proof and trace of a small guest as they were when the format was made:
 * they still verify, by both verifiers, and are still what this code makes of the guest.
 *
 * <p>If the key or the header differs, no proof that exists verifies any more. If that is meant, it
 * is a new format: {@link #WHAT_TO_DO}.
 */
class FrozenFormatTest {
  private static final Path FILES = Path.of("src", "test", "resources", "frozen");
  private static final String WHAT_TO_DO =
      " is not what it was: files and keys that exist are worth nothing now. If that is not meant,"
          + " undo it. If it is, it is a new format: raise the version of what changed"
          + " (VerifyingKey, ProgramHeader, Proof and Transcript, ProofFile, TraceFile, Lowering;"
          + " ConstraintText names the key's) here, in docs/spec (protocol.md, trace-format.md,"
          + " lowering.md, machine.md, constraints.txt) and in docs/verifier; then write the files"
          + " anew: mvn -pl trace-generator -am -Dtest=FrozenFormatTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dfrozen.rewrite=true test";
  private static final byte[] CONTEXT = new byte[Statement.DIGEST_BYTES];

  static {
    Arrays.fill(CONTEXT, (byte) 0x2a);
  }

  /** Sums in a loop, writes to memory and reads from it over the end of a word, multiplies. */
  private static byte[] guest() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 1);
    builder.exported(
        "run",
        List.of(ValueType.I32),
        List.of(ValueType.I64),
        List.of(ValueType.I64),
        ModuleBuilder.code()
            .block(WasmOpcode.LOOP, 0x40)
            .get(1)
            .get(0)
            .op(WasmOpcode.I64_EXTEND_I32_S)
            .op(WasmOpcode.I64_ADD)
            .set(1)
            .get(0)
            .get(1)
            .op(WasmOpcode.I64_STORE, 3, 8)
            .get(0)
            .i32(1)
            .op(WasmOpcode.I32_SUB)
            .op(WasmOpcode.LOCAL_TEE, 0)
            .op(WasmOpcode.BR_IF, 0)
            .end()
            .get(1)
            .get(1)
            .op(WasmOpcode.I64_MUL)
            .i32(0)
            .op(WasmOpcode.I64_LOAD, 3, 9)
            .op(WasmOpcode.I64_XOR));
    return builder.build();
  }

  private static Call call() {
    return new Call(
        "run",
        List.of(new Value(ValueType.I32, 12)),
        "public".getBytes(StandardCharsets.US_ASCII),
        "private".getBytes(StandardCharsets.US_ASCII));
  }

  private static ExecutionTrace run() {
    Program program = Lowering.lower(guest()).program();
    return Executor.execute(program, call(), Limits.DEFAULT, Progress.NONE);
  }

  private static byte[] trace() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TraceFile.record(
        Lowering.lower(guest()), guest(), call(), CONTEXT, Limits.DEFAULT, Progress.NONE, out);
    return out.toByteArray();
  }

  @BeforeAll
  static void rewrite() throws IOException, ProofFormatException {
    if (!Boolean.getBoolean("frozen.rewrite")) {
      return;
    }
    TestProver prover = TestProver.get();
    ExecutionTrace run = run();
    ProgramKey program = prover.key(run.program());
    Statement statement = Prover.statement(program.header(), run, CONTEXT);
    byte[] proof =
        new ForgingProver(prover.system(), prover.committer(), prover.key())
            .prove(
                program.header(),
                statement,
                WitnessBuilder.buildCompact(TableSet.STANDARD, run, 1 << 20).instances());
    ProofFile file = prover.file(program.header(), statement, proof);
    Files.createDirectories(FILES);
    Files.write(FILES.resolve("guest.wasm"), guest());
    Files.write(FILES.resolve("development.key"), prover.key().encode());
    Files.write(FILES.resolve("guest.header"), program.header().encode());
    Files.write(FILES.resolve("guest.statement"), statement.encode());
    Files.write(FILES.resolve("guest.zkp"), file.encode());
    Files.write(FILES.resolve("guest.zwt"), trace());
    Files.writeString(FILES.resolve("guest.challenges"), challenges(file));
  }

  private static byte[] file(String name) throws IOException {
    return Files.readAllBytes(FILES.resolve(name));
  }

  @Test
  void theProofIsValid() throws IOException, ProofFormatException {
    VerifyingKey key = VerifyingKey.decode(file("development.key"));
    ProgramHeader header = ProgramHeader.decode(file("guest.header"));
    ProofFile proof = ProofFile.decode(file("guest.zkp"));
    assertArrayEquals(file("guest.statement"), proof.statement().encode());
    assertArrayEquals(key.digest(), proof.keyDigest(), "the key" + WHAT_TO_DO);
    assertEquals(
        "valid",
        TestProver.get().verify(header, proof.statement(), proof.proof()).toString(),
        "the proof" + WHAT_TO_DO);
    System.out.printf(
        "frozen: proof of %d bytes, %d steps%n", proof.proof().length, proof.statement().steps());
  }

  @Test
  void keyAndHeaderAreWhatThisCodeMakes() throws IOException {
    assertArrayEquals(
        file("development.key"), TestProver.get().key().encode(), "the key" + WHAT_TO_DO);
    assertArrayEquals(guest(), file("guest.wasm"));
    assertArrayEquals(
        file("guest.header"),
        TestProver.get().key(Lowering.lower(file("guest.wasm")).program()).header().encode(),
        "the program header" + WHAT_TO_DO);
  }

  @Test
  void theTraceIsWhatThisCodeRecords() throws IOException {
    assertArrayEquals(file("guest.zwt"), trace(), "the trace" + WHAT_TO_DO);
    TraceReplay replay =
        TraceReplay.replay(
            new ByteArrayInputStream(file("guest.zwt")),
            new Limits(10_000, 16),
            HeadLimits.FORMAT,
            Progress.NONE);
    assertEquals(run().steps(), replay.outcome().steps());
    assertArrayEquals(CONTEXT, replay.context());
  }

  @Test
  void theStatementIsWhatThisCodeStates() throws IOException {
    ProgramHeader header =
        TestProver.get().key(Lowering.lower(file("guest.wasm")).program()).header();
    assertArrayEquals(
        file("guest.statement"),
        Prover.statement(header, run(), CONTEXT).encode(),
        "the statement" + WHAT_TO_DO);
  }

  @Test
  void theChallengesAreDrawnAsTheyWere() throws IOException, ProofFormatException {
    assertEquals(
        Files.readString(FILES.resolve("guest.challenges")),
        challenges(ProofFile.decode(file("guest.zkp"))),
        "the transcript" + WHAT_TO_DO);
  }

  private static String challenges(ProofFile file) throws ProofFormatException {
    TestProver prover = TestProver.get();
    Proof proof = ProofCodec.decode(prover.system(), file.proof());
    ProofLayout layout = new ProofLayout(prover.system(), proof.instances());
    ProofTranscript transcript =
        new ProofTranscript(
            prover.key().tauG2().toBytes(),
            file.keyDigest(),
            file.statement().programDigest(),
            file.statement(),
            proof.instances());
    ProofTranscript.BusChallenges bus = transcript.main(proof.main());
    Fr y = transcript.helpers(proof.helpers());
    Fr zeta = transcript.quotient(proof.quotient(), layout.maxLog());
    Fr nu = transcript.evaluations(proof.evaluations());
    Fr u = transcript.opening(proof.w(), new OpeningPoints(layout, zeta));
    return "alpha %s\ngamma %s\ny %s\nzeta %s\nnu %s\nu %s\n"
        .formatted(bus.alpha(), bus.gamma(), y, zeta, nu, u);
  }

  // ---- the second verifier

  /** The proof, proofs with something altered, and one of forged tables. */
  @Test
  void theSecondVerifierAgrees() throws IOException, ProofFormatException {
    SecondVerifier verifiers =
        new SecondVerifier(TestProver.get().system(), Path.of("target", "frozen"));
    VerifyingKey key = VerifyingKey.decode(file("development.key"));
    ProgramHeader header = ProgramHeader.decode(file("guest.header"));
    byte[] good = file("guest.zkp");
    assertTrue(verifiers.judge("guest", key, header, good).isValid());
    int proofStart = good.length - ProofFile.decode(good).proof().length;
    // The key's digest, the statement, and where evaluations and commitments meet.
    for (int at : new int[] {17 + 2 + 64, proofStart - 40, (proofStart + good.length) / 2}) {
      byte[] altered = good.clone();
      altered[at] ^= 1;
      assertFalse(verifiers.judge("altered at " + at, key, header, altered).isValid());
    }
    assertFalse(verifiers.judge("forged", key, header, forged(header).encode()).isValid());
    verifiers.agrees();
  }

  /** A proof of the guest's tables with one cell altered, by a prover that checks nothing. */
  private static ProofFile forged(ProgramHeader header) throws IOException, ProofFormatException {
    TestProver prover = TestProver.get();
    Statement statement = ProofFile.decode(file("guest.zkp")).statement();
    List<TableInstance> tables = WitnessBuilder.build(TableSet.STANDARD, run()).instances();
    int boundary = tables.stream().map(t -> t.table().name()).toList().indexOf("boundary");
    Column column =
        tables.get(boundary).table().columns(Column.Kind.MAIN).stream()
            .filter(c -> c.name().equals("lo"))
            .findFirst()
            .orElseThrow();
    Fr value = tables.get(boundary).cell(column, 0).add(Fr.ONE);
    byte[] proof =
        new ForgingProver(prover.system(), prover.committer(), prover.key())
            .prove(header, statement, ForgingProver.alter(tables, boundary, column, 0, value));
    return prover.file(header, statement, proof);
  }
}

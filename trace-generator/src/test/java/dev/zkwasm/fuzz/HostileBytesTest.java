package dev.zkwasm.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.cpu.VectorArithmetic;
import dev.zkwasm.exec.CallException;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.LimitException;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.kzg.PreparedCeremony;
import dev.zkwasm.kzg.PtauException;
import dev.zkwasm.kzg.SrsStore;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.testing.TestProver;
import dev.zkwasm.trace.HeadLimits;
import dev.zkwasm.trace.TraceException;
import dev.zkwasm.trace.TraceFile;
import dev.zkwasm.trace.TraceReplay;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleException;
import dev.zkwasm.wasm.WasmOpcode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that reads bytes from outside, on altered bytes: each ends in an answer or in the
 * exception that it documents, and allocates no more than its input accounts for, whatever sizes
 * the input claims. In the default build for a number of executions that takes some seconds, in
 * profile {@code long} for many times as many, {@code -Dfuzz.times=60} if nothing else is said.
 *
 * <p>A reader that never ends fails the test, too: it is left behind in a thread of its own.
 */
@Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileBytesTest {
  private static final int LONGER = Integer.getInteger("fuzz.times", 60);
  private static final long MB = 1_000_000;
  private static final byte[] CONTEXT = new byte[Statement.DIGEST_BYTES];

  @TempDir static Path directory;

  /** The vector kernels get compiled in the background, and allocate as long as they are not. */
  @BeforeAll
  static void awaitWarmup() {
    if (VectorArithmetic.available()) {
      // Proving the seed starts it.
      assertNotNull(Proven.INSTANCE);
      assertTrue(VectorArithmetic.await(Duration.ofMinutes(10)), "the kernels were not compiled");
    }
  }

  /** A module with memory, table, globals, data, and a loop in which it writes. */
  private static byte[] module() {
    ModuleBuilder builder = new ModuleBuilder().memory(1, 2).table(2).data(8, new byte[] {1, 2, 3});
    int type = builder.type(List.of(ValueType.I32), List.of(ValueType.I32));
    builder.global(ValueType.I32, true, 4);
    int f =
        builder.function(
            type,
            List.of(ValueType.I32, ValueType.I64),
            ModuleBuilder.code()
                .block(WasmOpcode.LOOP, 0x40)
                .get(1)
                .get(0)
                .op(WasmOpcode.I32_ADD)
                .set(1)
                .get(0)
                .get(1)
                .op(WasmOpcode.I32_STORE, 2, 8)
                .get(0)
                .i32(1)
                .op(WasmOpcode.I32_SUB)
                .op(WasmOpcode.LOCAL_TEE, 0)
                .op(WasmOpcode.BR_IF, 0)
                .end()
                .get(1));
    builder.elements(0, f).export("run", f);
    return builder.build();
  }

  private static Call call() {
    return new Call(
        "run",
        List.of(new Value(ValueType.I32, 3)),
        "public".getBytes(StandardCharsets.US_ASCII),
        new byte[] {1, 2, 3});
  }

  /** A proof of a run of {@link #module}, and what it takes to judge it. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Proven(ProgramHeader header, Statement statement, byte[] proof) {
    static final Proven INSTANCE = make();

    private static Proven make() {
      TestProver prover = TestProver.get();
      Program program = Lowering.lower(module()).program();
      ProgramKey key = prover.key(program);
      ExecutionTrace trace = Executor.execute(program, call(), Limits.DEFAULT, Progress.NONE);
      return new Proven(
          key.header(), Prover.statement(key.header(), trace, CONTEXT), prover.prove(key, trace));
    }

    ProofFile file() {
      VerifyingKey key = TestProver.get().key();
      return new ProofFile(header.extensionId(), key.srsId(), key.digest(), statement, proof);
    }
  }

  private static String verdict(Verdict verdict, boolean honest) {
    // Nothing but the proof itself is valid.
    assertEquals(honest, verdict.isValid());
    if (!honest) {
      throw new Refused(verdict.reason());
    }
    return "valid";
  }

  /** A verdict other than valid, for the fuzzer to tell from the others. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  private static void proofs(int times) {
    Proven proven = Proven.INSTANCE;
    new Fuzzer(
            "proof",
            bytes ->
                verdict(
                    TestProver.get().verify(proven.header, proven.statement, bytes),
                    Arrays.equals(bytes, proven.proof)),
            Set.of(Refused.class),
            proven.proof)
        .run(200 * times, 40 * MB, 2_000);
  }

  /** Statement and proof as they come in a file, under the key and the program that are known. */
  private static void proofFiles(int times) {
    byte[] file = Proven.INSTANCE.file().encode();
    Verifier verifier = new Verifier(TestProver.get().system(), VerifierPolicy.DEVELOPMENT);
    new Fuzzer(
            "proof file",
            bytes -> {
              ProofFile read = ProofFile.decode(bytes);
              assertArrayEquals(bytes, read.encode(), "two forms of one file");
              Verdict verdict =
                  verifier.verify(TestProver.get().key(), Proven.INSTANCE.header, read);
              // The extension's id is for information.
              boolean same =
                  read.statement().equals(Proven.INSTANCE.statement)
                      && Arrays.equals(read.proof(), Proven.INSTANCE.proof)
                      && Arrays.equals(read.srsId(), TestProver.get().key().srsId())
                      && Arrays.equals(read.keyDigest(), TestProver.get().key().digest());
              return verdict(verdict, same);
            },
            Set.of(Refused.class, ProofFormatException.class),
            file)
        .run(300 * times, 40 * MB, 2_000);
  }

  private static void keysAndHeaders(int times) {
    VerifyingKey key = TestProver.get().key();
    new Fuzzer(
            "key",
            bytes -> {
              assertArrayEquals(bytes, VerifyingKey.decode(bytes).encode(), "two forms of one key");
              return "";
            },
            Set.of(ProofFormatException.class),
            key.encode())
        .run(3_000 * times, 10 * MB, 2_000);
    new Fuzzer(
            "header",
            bytes -> {
              assertArrayEquals(bytes, ProgramHeader.decode(bytes).encode(), "two forms");
              return "";
            },
            Set.of(ProofFormatException.class),
            Proven.INSTANCE.header.encode())
        .run(3_000 * times, 10 * MB, 2_000);
    new Fuzzer(
            "statement",
            bytes -> {
              assertArrayEquals(bytes, Statement.decode(bytes).encode(), "two forms");
              return "";
            },
            Set.of(ProofFormatException.class),
            Proven.INSTANCE.statement.encode())
        .run(10_000 * times, 10 * MB, 2_000);
  }

  private static void modules(int times) {
    new Fuzzer(
            "module",
            bytes -> {
              assertNotNull(Lowering.lower(bytes).program());
              return "";
            },
            Set.of(ModuleException.class),
            module())
        .run(10_000 * times, 300 * MB, 10_000);
  }

  private static void traces(int times) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    byte[] wasm = module();
    TraceFile.record(
        Lowering.lower(wasm), wasm, call(), CONTEXT, Limits.DEFAULT, Progress.NONE, out);
    new Fuzzer(
            "trace",
            bytes -> {
              TraceReplay replay =
                  TraceReplay.replay(
                      new ByteArrayInputStream(bytes),
                      new Limits(10_000, 16),
                      HeadLimits.FORMAT,
                      Progress.NONE);
              assertFalse(replay.outcome().steps() == 0);
              return "";
            },
            Set.of(
                TraceException.class,
                ModuleException.class,
                CallException.class,
                LimitException.class),
            out.toByteArray())
        .run(5_000 * times, 300 * MB, 10_000);
  }

  private static void referenceStrings(int times) throws IOException {
    Path file = directory.resolve("fuzz.ptau");
    SrsStore store = new SrsStore(directory.resolve("strings"));
    new Fuzzer(
            "ptau",
            bytes -> {
              store.importPtau(Files.write(file, bytes));
              return "";
            },
            Set.of(PtauException.class),
            PreparedCeremony.of(DevelopmentSrs.inMemory(6), 4))
        .run(400 * times, 60 * MB, 2_000);
  }

  @Test
  void proofs() {
    proofs(1);
    proofFiles(1);
  }

  @Test
  void keysHeadersAndStatements() {
    keysAndHeaders(1);
  }

  @Test
  void modulesAndTraces() throws IOException {
    modules(1);
    traces(1);
  }

  @Test
  void ceremonies() throws IOException {
    referenceStrings(1);
  }

  @Test
  @Tag("long")
  void longer() throws IOException {
    proofs(LONGER);
    proofFiles(LONGER);
    keysAndHeaders(LONGER);
    modules(LONGER);
    traces(LONGER);
    referenceStrings(LONGER);
  }
}

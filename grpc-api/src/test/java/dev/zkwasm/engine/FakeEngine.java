package dev.zkwasm.engine;

import dev.zkwasm.engine.EngineException.Kind;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.lower.LoweredModule;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.DeviceHealth;
import dev.zkwasm.table.Witness;
import dev.zkwasm.trace.HeadLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Stands in for the prover where the service around it is tested. A module is any bytes that begin
 * as WebAssembly does; what follows names its exports. A run outputs the public input backwards and
 * takes {@link #STEPS} steps; public input "trap" traps. A proof is a number and its hash with the
 * statement: nothing is remembered, so that proofs outlive the process and none takes memory.
 */
public final class FakeEngine implements Engine {
  public static final int STEPS = 100;
  public static final byte[] TRACE = "trace of ".getBytes(StandardCharsets.UTF_8);

  /** Bytes of the number of a proof. */
  private static final int NUMBER = 4;

  private static final byte[] SRS_ID = HexFormat.of().parseHex(DevelopmentSrs.inMemory().id());

  private final AtomicInteger proved = new AtomicInteger();

  /** If set, proving begins and then waits for this. */
  public volatile @Nullable CountDownLatch gate;

  /** Counted down when proving begins. */
  public volatile CountDownLatch begun = new CountDownLatch(1);

  public volatile @Nullable RuntimeException fault;

  /** What reading a module or a trace fails with, if set. */
  public volatile @Nullable RuntimeException readFault;

  public volatile boolean insecureSrs = true;

  /** What proving is said to take. */
  public volatile Estimate estimate = new Estimate(1000, 6, 1 << 20, 0.25);

  /** Version of the lowering that this claims to have. */
  public volatile int loweringVersion = 3;

  /** How long proving takes. */
  public volatile int provingMillis;

  /** Changes the digests of programs. */
  public volatile int digestSalt;

  /** Size of the private input of the last run that had one. */
  public volatile int privateInputBytes;

  /** What the last run was given as private input, the array itself. */
  public volatile byte[] lastPrivateInput = new byte[0];

  public static byte[] module(String exports) {
    return ("\0asm" + exports).getBytes(StandardCharsets.ISO_8859_1);
  }

  @Override
  public Guest load(byte[] wasm) {
    RuntimeException refused = readFault;
    if (refused != null) {
      throw refused;
    }
    String text = new String(wasm, StandardCharsets.ISO_8859_1);
    if (!text.startsWith("\0asm")) {
      throw new EngineException(Kind.BAD_MODULE, "not a WebAssembly module: no magic number");
    }
    List<Program.Export> exports =
        Arrays.stream(text.substring(4).split(","))
            .map(
                name ->
                    name.endsWith("(i32)")
                        ? new Program.Export(
                            name.replace("(i32)", ""), List.of(ValueType.I32), List.of(), 1)
                        : new Program.Export(name, List.of(), List.of(), 1))
            .toList();
    Program program =
        new Program(Encodings.keccak256(wasm), 0, List.of(), List.of(), exports, 0, List.of());
    return new Guest(wasm, new LoweredModule(program, new int[0]));
  }

  @Override
  public byte[] programDigest(Guest guest) {
    return Encodings.keccak256(guest.extensionId(), new byte[] {(byte) digestSalt});
  }

  @Override
  public Run execute(Guest guest, Call call, long maxSteps, Progress progress) {
    progress.report("execute", 0);
    Program.Export export =
        guest
            .program()
            .export(call.export())
            .orElseThrow(() -> new EngineException(Kind.BAD_CALL, "no export " + call.export()));
    lastPrivateInput = call.privateInput();
    if (call.privateInput().length > 0) {
      privateInputBytes = call.privateInput().length;
    }
    if (maxSteps < STEPS) {
      throw new EngineException(
          Kind.GAS_EXCEEDED, "the run needs more than " + maxSteps + " steps");
    }
    ExecutionTrace trace = new ExecutionTrace(guest.program(), call);
    for (int i = 0; i < STEPS; i++) {
      trace.add(1, 0, 0, 0, 0, 0);
    }
    byte[] in = call.publicInput();
    byte[] out = new byte[in.length];
    for (int i = 0; i < in.length; i++) {
      out[i] = in[in.length - 1 - i];
    }
    boolean traps = new String(in, StandardCharsets.UTF_8).equals("trap");
    Exit exit = traps ? Exit.trapped(TrapReason.UNREACHABLE) : Exit.returned();
    List<Value> results =
        traps
            ? List.of()
            : List.of(
                export.parameters().isEmpty()
                    ? new Value(ValueType.I32, 7)
                    : call.arguments().getFirst());
    trace.end(exit, results, out);
    return new Run(guest, trace, 200);
  }

  @Override
  public RecordedCall replay(InputStream in, long maxSteps, HeadLimits head, Progress progress) {
    RuntimeException refused = readFault;
    if (refused != null) {
      throw refused;
    }
    byte[] trace;
    try {
      trace = in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (!isTrace(trace)) {
      throw new EngineException(Kind.BAD_TRACE, "not a trace file");
    }
    byte[] input = Arrays.copyOfRange(trace, TRACE.length, trace.length);
    Call call = new Call("run", List.of(), input, new byte[0]);
    Guest guest = load(module("run"));
    return new RecordedCall(
        guest, call, new byte[32], execute(guest, call, maxSteps, progress).outcome());
  }

  @Override
  public boolean isTrace(byte[] bytes) {
    return bytes.length >= TRACE.length
        && Arrays.equals(TRACE, 0, TRACE.length, bytes, 0, TRACE.length);
  }

  @Override
  public Outcome record(
      Guest guest, Call call, byte[] context, long maxSteps, Progress progress, OutputStream out)
      throws IOException {
    out.write(TRACE);
    out.write(call.publicInput());
    return execute(guest, call, maxSteps, progress).outcome();
  }

  /** What {@link #least} says. */
  public volatile Estimate least = new Estimate(10, 0, 1 << 10, 0.01);

  @Override
  public Estimate least(long steps) {
    return least;
  }

  @Override
  public Prepared prepare(Run run) {
    return new Prepared(
        run, new Witness(List.of(), List.of()), Map.of("alu", 64L, "flow", 64L), estimate);
  }

  @Override
  public byte[] prove(Prepared prepared, byte[] context, Progress progress) {
    progress.report("commit", 0);
    begun.countDown();
    CountDownLatch wait = gate;
    try {
      while (wait != null && !wait.await(5, TimeUnit.MILLISECONDS)) {
        progress.report("commit", 0.25);
      }
    } catch (InterruptedException e) {
      progress.report("commit", 0.25);
      throw new IllegalStateException("interrupted but not cancelled", e);
    }
    if (fault != null) {
      throw fault;
    }
    for (int i = 0; i < provingMillis; i++) {
      progress.report("commit", 0.4 * i / provingMillis);
      try {
        TimeUnit.MILLISECONDS.sleep(1);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    progress.report("open", 0.5);
    Run run = prepared.run();
    ExecutionTrace trace = run.trace();
    Statement statement =
        new Statement(
            programDigest(run.guest()),
            trace.call().export(),
            trace.call().arguments(),
            trace.results(),
            trace.call().publicInput(),
            trace.output(),
            trace.exit(),
            trace.steps(),
            context);
    byte[] number = ByteBuffer.allocate(NUMBER).putInt(proved.incrementAndGet()).array();
    return file(run.guest().extensionId(), number, statement);
  }

  private static byte[] file(byte[] extensionId, byte[] number, Statement statement) {
    byte[] hash = Encodings.keccak256(number, statement.encode());
    byte[] proof = ByteBuffer.allocate(NUMBER + hash.length).put(number).put(hash).array();
    return new ProofFile(extensionId, SRS_ID, new byte[32], statement, proof).encode();
  }

  public int proved() {
    return proved.get();
  }

  @Override
  public StatedProof verify(Guest guest, byte[] proofFile) {
    StatedProof proof = ProofFiles.read(proofFile);
    byte[] number = Arrays.copyOf(ProofFiles.decode(proofFile).proof(), NUMBER);
    if (!Arrays.equals(proofFile, file(proof.extensionId(), number, proof.statement()))) {
      throw new EngineException(Kind.INVALID_PROOF, "a constraint or an opening does not hold");
    }
    if (!Arrays.equals(proof.extensionId(), guest.extensionId())) {
      throw new EngineException(Kind.INVALID_PROOF, "the proof is about another program");
    }
    return proof;
  }

  /** What {@link #devices} says of the one device. */
  public volatile DeviceHealth device =
      new DeviceHealth("fake", "device 0", DeviceHealth.State.HEALTHY, "");

  @Override
  public List<DeviceHealth> devices() {
    return List.of(device);
  }

  @Override
  public String backend() {
    return "fake";
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo("fake", SRS_ID, insecureSrs, 20, new byte[32], loweringVersion, 0);
  }
}

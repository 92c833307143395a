package dev.zkwasm.engine;

import com.google.protobuf.ByteString;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.cpu.CpuProvider;
import dev.zkwasm.compute.cpu.VectorFieldHints;
import dev.zkwasm.engine.EngineException.Kind;
import dev.zkwasm.exec.CallException;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.LimitException;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.Srs;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.Committer;
import dev.zkwasm.prover.DeviceHealth;
import dev.zkwasm.prover.FailoverProver;
import dev.zkwasm.prover.KeyGenerator;
import dev.zkwasm.prover.ProverOptions;
import dev.zkwasm.prover.ProvingResult;
import dev.zkwasm.table.FixedTable;
import dev.zkwasm.table.InvalidTraceException;
import dev.zkwasm.table.StandardSystem;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.trace.HeadLimits;
import dev.zkwasm.trace.TraceException;
import dev.zkwasm.trace.TraceFile;
import dev.zkwasm.trace.TraceReplay;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import dev.zkwasm.wasm.ModuleException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Lowers, executes, proves and verifies in this process, under one reference string, on the devices
 * of one backend.
 */
public final class LocalEngine implements Engine, AutoCloseable {
  /** Keys of programs kept ready. */
  private static final int READY = 16;

  private static final byte[] TRACE_MAGIC = "zkwasm trace file".getBytes(StandardCharsets.US_ASCII);

  private final Srs srs;
  private final List<ComputeBackend> backends;
  private final int threads;
  private final Path keyFolder;
  private @Nullable Means means;
  private final Map<ByteString, ProgramKey> ready =
      new LinkedHashMap<>(READY, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, ProgramKey> eldest) {
          return size() > READY;
        }
      };

  /** What proving and verifying need beyond a program: made when first asked for. */
  private record Means(
      List<Committer> committers,
      KeyGenerator keys,
      VerifyingKey key,
      FailoverProver prover,
      Verifier verifier) {}

  /**
   * An engine; cheap, what proving needs is made when it is first asked for.
   *
   * @param srs the reference string; proofs under another one are refused
   * @param backends what computes, one per device; closed with the engine
   * @param threads host threads that the backends were opened with
   * @param keyFolder where the universal key is kept between runs
   */
  public LocalEngine(Srs srs, List<ComputeBackend> backends, int threads, Path keyFolder) {
    this.srs = srs;
    this.backends = List.copyOf(backends);
    this.threads = threads;
    this.keyFolder = keyFolder;
  }

  @Override
  public void warmUp() {
    backends.forEach(ComputeBackend::warmUp);
  }

  private synchronized Means means() {
    Means present = means;
    if (present == null) {
      requireFixedTables(srs);
      ConstraintSystem system = StandardSystem.get();
      List<Committer> committers =
          backends.stream().map(backend -> new Committer(backend, srs)).toList();
      KeyGenerator keys = new KeyGenerator(system, committers.getFirst());
      VerifyingKey key = keys.verifyingKey(keyFolder);
      // Which string to trust is the user's choice, made with the string; every statement says
      // which it is.
      Verifier verifier = new Verifier(system, VerifierPolicy.DEVELOPMENT, VectorFieldHints.best());
      FailoverProver prover =
          new FailoverProver(
              system,
              committers,
              key,
              () -> Backends.open(CpuProvider.NAME, new BackendOptions(threads)));
      present = new Means(committers, keys, key, prover, verifier);
      means = present;
    }
    return present;
  }

  /** The universal key commits to the fixed tables, whichever a proof uses. */
  private static void requireFixedTables(Srs srs) {
    int log = 0;
    for (FixedTable table : TableSet.STANDARD.fixedTables()) {
      log = Math.max(log, Integer.numberOfTrailingZeros(table.fixedHeight()));
    }
    if (log > srs.maxLog()) {
      throw new EngineException(
          Kind.RESOURCE,
          "reference string %s allows tables of 2^%d rows, the universal key needs 2^%d"
              .formatted(srs.id(), srs.maxLog(), log));
    }
  }

  @Override
  public Guest load(byte[] wasm) {
    try {
      return new Guest(wasm, Lowering.lower(wasm));
    } catch (ModuleException e) {
      throw new EngineException(Kind.BAD_MODULE, message(e), e);
    }
  }

  @Override
  public byte[] programDigest(Guest guest) {
    return key(guest).header().digest();
  }

  private ProgramKey key(Guest guest) {
    ByteString id = ByteString.copyFrom(guest.extensionId());
    synchronized (ready) {
      ProgramKey key = ready.get(id);
      if (key == null) {
        try {
          key = means().keys().programKey(guest.program());
        } catch (IllegalArgumentException e) {
          throw new EngineException(Kind.RESOURCE, message(e), e);
        }
        ready.put(id, key);
      }
      return key;
    }
  }

  @Override
  public Run execute(Guest guest, Call call, long maxSteps, Progress progress) {
    ExecutionTrace trace = new ExecutionTrace(guest.program(), call);
    try {
      Outcome outcome =
          Executor.run(
              guest.program(),
              guest.lowered().weights(),
              call,
              limits(maxSteps),
              steps -> proceed(progress),
              Executor.keepingIn(trace));
      trace.end(outcome.exit(), outcome.results(), outcome.output());
      return new Run(guest, trace, outcome.wasmSteps());
    } catch (CallException e) {
      throw new EngineException(Kind.BAD_CALL, message(e), e);
    } catch (LimitException e) {
      throw exceeded(e);
    }
  }

  private static EngineException exceeded(LimitException e) {
    return new EngineException(
        switch (e.kind()) {
          case STEPS -> Kind.GAS_EXCEEDED;
          case MEMORY -> Kind.RESOURCE;
        },
        message(e),
        e);
  }

  /** A guest may touch a quarter of the memory that there is. */
  private static Limits limits(long maxSteps) {
    long pages = Runtime.getRuntime().maxMemory() / 4 / Program.PAGE;
    return new Limits(maxSteps, (int) Math.min(Limits.DEFAULT.memoryPages(), pages));
  }

  /** How many steps there will be nobody knows, so the fraction stays 0. */
  private static boolean proceed(Progress progress) {
    progress.report("execute", 0);
    return true;
  }

  @Override
  public Prepared prepare(Run run) {
    try {
      Witness witness =
          WitnessBuilder.buildCompact(
              TableSet.STANDARD,
              run.trace(),
              Math.min(WitnessBuilder.DEFAULT_MAXIMUM_HEIGHT, 1 << srs.maxLog()));
      Map<String, Long> rows = new LinkedHashMap<>();
      witness
          .instances()
          .forEach(table -> rows.merge(table.table().name(), (long) table.height(), Long::sum));
      return new Prepared(
          run, witness, rows, CostModel.estimate(witness, run.trace().steps(), threads));
    } catch (InvalidTraceException e) {
      throw new EngineException(Kind.INVALID_TRACE, message(e), e);
    }
  }

  @Override
  public byte[] prove(Prepared prepared, byte[] context, Progress progress) {
    requireMeans(prepared);
    Run run = prepared.run();
    ProgramKey key = key(run.guest());
    ExecutionTrace trace = run.trace();
    Statement statement =
        new Statement(
            key.header().digest(),
            trace.call().export(),
            trace.call().arguments(),
            trace.results(),
            trace.call().publicInput(),
            trace.output(),
            trace.exit(),
            trace.steps(),
            context);
    ProverOptions options =
        ProverOptions.DEFAULT.withListener(
            (stage, fraction) ->
                progress.report(stage.toString(), CostModel.done(stage, fraction)));
    ProvingResult result =
        means().prover().prove(key.header(), statement, prepared.witness().instances(), options);
    return new ProofFile(
            run.guest().extensionId(),
            means().key().srsId(),
            means().key().digest(),
            statement,
            result.proof())
        .encode();
  }

  private void requireMeans(Prepared prepared) {
    int log = prepared.estimate().largestLogHeight();
    if (log > srs.maxLog()) {
      throw new EngineException(
          Kind.RESOURCE,
          "a table needs 2^%d rows, the reference string %s allows 2^%d"
              .formatted(log, srs.id(), srs.maxLog()));
    }
    long needed = prepared.estimate().neededBytes();
    long there = Runtime.getRuntime().maxMemory();
    if (needed > there) {
      throw new EngineException(
          Kind.RESOURCE,
          "proving needs about %d MiB of memory, Java may use %d MiB (more with -Xmx)"
              .formatted(needed >> 20, there >> 20));
    }
  }

  @Override
  public StatedProof verify(Guest guest, byte[] proofFile) {
    ProofFile file = ProofFiles.decode(proofFile);
    VerifyingKey verifyingKey = means().key();
    if (!Arrays.equals(file.srsId(), verifyingKey.srsId())) {
      throw new EngineException(
          Kind.INVALID_PROOF,
          "the proof is under reference string %s, this verifier has %s"
              .formatted(HexFormat.of().formatHex(file.srsId()), srs.id()));
    }
    if (!Arrays.equals(file.extensionId(), guest.extensionId())) {
      throw new EngineException(
          Kind.INVALID_PROOF,
          "the proof is about the module 0x%s, this one is 0x%s"
              .formatted(
                  HexFormat.of().formatHex(file.extensionId()),
                  HexFormat.of().formatHex(guest.extensionId())));
    }
    Verdict verdict = means().verifier().verify(verifyingKey, key(guest).header(), file);
    switch (verdict.kind()) {
      case VALID -> {}
      case INVALID -> throw new EngineException(Kind.INVALID_PROOF, verdict.reason());
      case UNSUPPORTED -> throw new EngineException(Kind.BAD_PROOF, verdict.reason());
    }
    return new StatedProof(
        file.statement(),
        guest.extensionId(),
        verifyingKey.srsId(),
        srs.insecureDevelopment(),
        file.proof().length);
  }

  @Override
  public String backend() {
    List<DeviceHealth> devices = devices();
    String name =
        devices.getFirst().backend()
            + devices.stream()
                .map(d -> d.device() + (d.isHealthy() ? "" : ", unhealthy: " + d.detail()))
                .collect(Collectors.joining("; ", " (", ")"));
    return devices.stream().anyMatch(DeviceHealth::isHealthy)
        ? name
        : name + ", proving on the CPU instead";
  }

  @Override
  public List<DeviceHealth> devices() {
    Means present;
    synchronized (this) {
      present = means;
    }
    return present == null
        ? backends.stream()
            .map(b -> new DeviceHealth(b.name(), b.description(), DeviceHealth.State.HEALTHY, ""))
            .toList()
        : present.prover().devices();
  }

  @Override
  public EngineInfo info() {
    VerifyingKey verifyingKey = means().key();
    return new EngineInfo(
        backend(),
        verifyingKey.srsId(),
        srs.insecureDevelopment(),
        srs.maxLog(),
        verifyingKey.digest(),
        Lowering.VERSION,
        ProofFile.VERSION);
  }

  /** The versions of proof format and lowering, one per line. */
  public static List<String> versions() {
    return List.of(
        "proof format " + ProofFile.VERSION,
        "constraints 0x" + HexFormat.of().formatHex(StandardSystem.get().digest()),
        "lowering " + Lowering.VERSION);
  }

  @Override
  public RecordedCall replay(InputStream trace, long maxSteps, HeadLimits head, Progress progress) {
    try {
      byte[] magic = trace.readNBytes(TRACE_MAGIC.length);
      if (!isTrace(magic)) {
        throw new EngineException(Kind.BAD_TRACE, "not a trace file");
      }
      TraceReplay replay =
          TraceReplay.replay(
              new SequenceInputStream(new ByteArrayInputStream(magic), trace),
              limits(maxSteps),
              head,
              steps -> proceed(progress));
      return new RecordedCall(
          new Guest(replay.wasm(), replay.lowered()),
          replay.call(),
          replay.context(),
          replay.outcome());
    } catch (TraceException | CallException e) {
      throw new EngineException(Kind.INVALID_TRACE, message(e), e);
    } catch (ModuleException e) {
      throw new EngineException(Kind.INVALID_TRACE, "the module in the trace: " + message(e), e);
    } catch (LimitException e) {
      throw exceeded(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public boolean isTrace(byte[] bytes) {
    return startsWith(bytes, TRACE_MAGIC);
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }

  @Override
  public Outcome record(
      Guest guest, Call call, byte[] context, long maxSteps, Progress progress, OutputStream out)
      throws IOException {
    try {
      return TraceFile.record(
          guest.lowered(),
          guest.wasm(),
          call,
          context,
          limits(maxSteps),
          steps -> proceed(progress),
          out);
    } catch (CallException e) {
      throw new EngineException(Kind.BAD_CALL, message(e), e);
    } catch (LimitException e) {
      throw exceeded(e);
    }
  }

  @Override
  public Estimate least(long steps) {
    return CostModel.least(steps, threads);
  }

  private static String message(Exception e) {
    return String.valueOf(e.getMessage());
  }

  @Override
  public void close() {
    synchronized (this) {
      if (means != null) {
        means.prover().close();
        means.committers().forEach(Committer::close);
      }
    }
    backends.forEach(ComputeBackend::close);
  }
}

package dev.zkwasm.prover;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.cpu.VectorFieldHints;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.proof.TableLayout;
import dev.zkwasm.table.StandardSystem;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.Witness;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.verifier.TermSum;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * Proves statements. Every proof is verified before it is given out. Interrupting the thread that
 * proves ends the work with {@link java.util.concurrent.CancellationException}.
 *
 * <p>For any number of threads; whether proofs then run at the same time is up to the backend.
 */
public final class Prover {
  /** Restarts after an unlucky challenge, which honest luck does not bring about once. */
  private static final int MAX_ATTEMPTS = 4;

  private final ConstraintSystem system;
  private final List<Committer> committers;
  private final Committer committer;
  private final VerifyingKey key;
  private final boolean forging;
  private final Map<TableLayout, TablePrograms> programs = new HashMap<>();

  /**
   * A prover.
   *
   * @param system the tables
   * @param committer reference string and backend; stays the caller's
   * @param key the universal key of that system and string
   */
  public Prover(ConstraintSystem system, Committer committer, VerifyingKey key) {
    this(system, List.of(committer), key);
  }

  /**
   * A prover on several devices, which share the instances of a proof. Its proofs are those of one.
   *
   * @param committers one per device, all of one reference string; the first has the coordinator's
   *     work too
   */
  public Prover(ConstraintSystem system, List<Committer> committers, VerifyingKey key) {
    this(system, committers, key, false);
  }

  private Prover(
      ConstraintSystem system, List<Committer> committers, VerifyingKey key, boolean forging) {
    if (committers.isEmpty()) {
      throw new IllegalArgumentException("no device");
    }
    for (Committer committer : committers) {
      if (!key.tauG2().equals(committer.srs().tauG2())) {
        throw new IllegalArgumentException("the key is of another reference string");
      }
    }
    this.system = system;
    this.committers = List.copyOf(committers);
    this.committer = committers.getFirst();
    this.key = key;
    this.forging = forging;
  }

  /**
   * A prover that proves whatever it is given and does not look at what comes out. For tests that a
   * verifier refuses false statements.
   */
  static Prover forging(ConstraintSystem system, Committer committer, VerifyingKey key) {
    return new Prover(system, List.of(committer), key, true);
  }

  /**
   * Proves a run.
   *
   * @param program the program, and its header under this prover's reference string
   * @param trace a complete run of it
   * @param context 32 bytes to bind to the proof
   * @throws dev.zkwasm.table.InvalidTraceException if the trace contradicts its program or itself
   * @throws IllegalArgumentException if the trace is of another program, needs a table that is too
   *     high for the reference string, or a seed is given with another string than the development
   *     one
   * @throws ProverException if the proof that comes out does not verify
   */
  public ProvingResult prove(
      ProgramKey program, ExecutionTrace trace, byte[] context, ProverOptions options) {
    if (!system.equals(StandardSystem.get())) {
      throw new IllegalStateException("traces are for the standard tables");
    }
    if (!Arrays.equals(trace.program().extensionId(), program.program().extensionId())
        || trace.program().loweringVersion() != program.program().loweringVersion()) {
      throw new IllegalArgumentException("the trace is of another program");
    }
    StageClock clock = new StageClock(options.listener());
    Statement statement = statement(program.header(), trace, context);
    Witness witness =
        WitnessBuilder.buildCompact(
            TableSet.STANDARD,
            trace,
            Math.min(WitnessBuilder.DEFAULT_MAXIMUM_HEIGHT, 1 << committer.srs().maxLog()));
    return prove(program.header(), statement, witness.instances(), options, clock);
  }

  /** What a run shows. */
  public static Statement statement(ProgramHeader header, ExecutionTrace trace, byte[] context) {
    return new Statement(
        header.digest(),
        trace.call().export(),
        trace.call().arguments(),
        trace.results(),
        trace.call().publicInput(),
        trace.output(),
        trace.exit(),
        trace.steps(),
        context);
  }

  /**
   * Proves a statement from filled tables.
   *
   * @param header the program
   * @param statement what the tables show
   * @param tables the filled tables in the order of the proof
   * @throws IllegalArgumentException if a table is too high for the reference string, or a seed is
   *     given with another string than the development one
   * @throws ProverException if the proof that comes out does not verify
   */
  public ProvingResult prove(
      ProgramHeader header,
      Statement statement,
      List<TableInstance> tables,
      ProverOptions options) {
    return prove(header, statement, tables, options, new StageClock(options.listener()));
  }

  private ProvingResult prove(
      ProgramHeader header,
      Statement statement,
      List<TableInstance> tables,
      ProverOptions options,
      StageClock clock) {
    List<Instance> instances = tables.stream().map(this::instance).toList();
    ProofLayout layout = new ProofLayout(system, instances);
    if (layout.maxLog() > committer.srs().maxLog()) {
      throw new IllegalArgumentException(
          "a table has 2^%d rows; the reference string serves 2^%d"
              .formatted(layout.maxLog(), committer.srs().maxLog()));
    }
    byte[] seed = seed(options);
    Function<BusChallenges, Optional<Fr>> terms =
        challenges -> TermSum.of(statement, header, challenges);
    for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      Blinding blinding = new Blinding(seed, statement, attempt);
      List<LocalInstanceProver> provers = new ArrayList<>();
      try {
        DeviceTeam team = new DeviceTeam(committers, layout);
        for (int i = 0; i < tables.size(); i++) {
          provers.add(
              new LocalInstanceProver(
                  team.committer(i),
                  layout,
                  i,
                  programs(layout.parts().get(i).table()),
                  tables.get(i),
                  blinding));
        }
        Optional<Proof> proof =
            new ProofAttempt(team, key, statement, layout, provers, blinding, clock).run(terms);
        if (proof.isPresent()) {
          clock.enter(Stage.VERIFY);
          byte[] encoded = ProofCodec.encode(proof.get());
          if (!forging) {
            verify(header, statement, encoded);
          }
          return new ProvingResult(statement, encoded, instances, clock.stop());
        }
      } finally {
        provers.forEach(LocalInstanceProver::close);
      }
    }
    throw new ProverException("challenges met tuples in " + MAX_ATTEMPTS + " attempts");
  }

  private void verify(ProgramHeader header, Statement statement, byte[] proof) {
    // The string was chosen by whoever made the committer; this is about the proof.
    Verdict verdict =
        new Verifier(system, VerifierPolicy.DEVELOPMENT, VectorFieldHints.best())
            .verify(key, header, statement, proof);
    if (!verdict.isValid()) {
      throw new ProverException("the proof does not verify: " + verdict);
    }
  }

  private Instance instance(TableInstance table) {
    for (int i = 0; i < system.tables().size(); i++) {
      if (system.table(i).table().equals(table.table())) {
        return new Instance(i, table.logHeight());
      }
    }
    throw new IllegalArgumentException("table " + table + " is not of this constraint system");
  }

  private byte[] seed(ProverOptions options) {
    byte[] given = options.seed();
    if (given != null) {
      if (!committer.srs().insecureDevelopment()) {
        throw new IllegalArgumentException(
            "a seed is for tests, with the development reference string only");
      }
      return given.clone();
    }
    byte[] fresh = new byte[ProverOptions.SEED_BYTES];
    new SecureRandom().nextBytes(fresh);
    return fresh;
  }

  private TablePrograms programs(TableLayout table) {
    synchronized (programs) {
      return programs.computeIfAbsent(table, TablePrograms::new);
    }
  }
}

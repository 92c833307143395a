package dev.zkwasm.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.ProgramKey;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.Committer;
import dev.zkwasm.prover.KeyGenerator;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.prover.ProverOptions;
import dev.zkwasm.table.StandardSystem;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.util.List;

/**
 * Prover and verifier under the development string, made once for all tests: bases and keys take
 * longer than a small proof.
 */
public final class TestProver {
  private static final byte[] CONTEXT = new byte[Statement.DIGEST_BYTES];

  /** What a proof is asked for; see {@link Statement}. */
  public record Claim(Call call, Exit exit, List<Value> results, byte[] output) {
    public Claim {
      results = List.copyOf(results);
    }

    /** A call without output. */
    public Claim(Call call, Exit exit, List<Value> results) {
      this(call, exit, results, new byte[0]);
    }

    /** About a run of so many steps of the program. */
    public Statement statement(ProgramHeader program, long steps) {
      return new Statement(
          program.digest(),
          call.export(),
          call.arguments(),
          results,
          call.publicInput(),
          output,
          exit,
          steps,
          CONTEXT);
    }
  }

  private static final class Holder {
    static final TestProver INSTANCE = new TestProver();
  }

  private final ConstraintSystem system = StandardSystem.get();
  private final Committer committer;
  private final KeyGenerator keys;
  private final VerifyingKey key;
  private final Prover prover;

  private TestProver() {
    // Never closed: it ends with the machine that runs the tests.
    committer =
        new Committer(Backends.open("cpu", BackendOptions.defaults()), DevelopmentSrs.inMemory());
    keys = new KeyGenerator(system, committer);
    key = keys.verifyingKey();
    prover = new Prover(system, committer, key);
  }

  public static TestProver get() {
    return Holder.INSTANCE;
  }

  public ConstraintSystem system() {
    return system;
  }

  public Committer committer() {
    return committer;
  }

  public VerifyingKey key() {
    return key;
  }

  public ProgramKey key(Program program) {
    return keys.programKey(program);
  }

  public Verdict verify(ProgramHeader program, Statement statement, byte[] proof) {
    return new Verifier(system, VerifierPolicy.DEVELOPMENT).verify(key, program, statement, proof);
  }

  /** A proof with its statement, under this key. */
  public ProofFile file(ProgramHeader program, Statement statement, byte[] proof) {
    return new ProofFile(program.extensionId(), key.srsId(), key.digest(), statement, proof);
  }

  /** Proves a run, whatever came out. */
  public byte[] prove(ProgramKey program, ExecutionTrace trace) {
    return prover.prove(program, trace, CONTEXT, ProverOptions.DEFAULT).proof();
  }

  /**
   * Executes the call, proves it, and asks the verifier for the claim, not for what came out.
   *
   * @return the number of steps
   */
  public long prove(ProgramKey program, Claim claim, String where) {
    long start = System.nanoTime();
    ExecutionTrace trace =
        Executor.execute(program.program(), claim.call, Limits.DEFAULT, Progress.NONE);
    assertEquals(claim.exit, trace.exit(), where);
    assertEquals(claim.results, trace.results(), where);
    assertArrayEquals(claim.output, trace.output(), where);
    byte[] proof = prove(program, trace);
    Statement statement = claim.statement(program.header(), trace.steps());
    Verdict verdict = verify(program.header(), statement, proof);
    assertTrue(verdict.isValid(), () -> where + ": " + verdict);
    System.out.printf(
        "proven and verified: %s, %s, %d steps, %d bytes, %.1f s%n",
        where, claim.exit, trace.steps(), proof.length, (System.nanoTime() - start) / 1e9);
    return trace.steps();
  }
}

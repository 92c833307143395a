package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.Committer;
import dev.zkwasm.prover.ForgingProver;
import dev.zkwasm.prover.KeyGenerator;
import dev.zkwasm.prover.Prover;
import dev.zkwasm.prover.SecondVerifier;
import dev.zkwasm.verifier.Verdict;
import java.nio.file.Path;
import java.util.List;

/**
 * Proves forged tables with a prover that checks nothing, and asks the verifier. Made once for all
 * tests: reference string and keys take longer than a small proof.
 */
final class Court {
  /** What the verifier says if form and sizes are right, and what is shown is not. */
  static final String ARGUMENT_FAILS = "a constraint or an opening does not hold";

  private static final ConstraintSystem SYSTEM = StandardSystem.get();
  private static final SecondVerifier VERIFIERS =
      new SecondVerifier(SYSTEM, Path.of("target", "court"));
  // Never closed: they end with the machine that runs the tests.
  private static final Committer COMMITTER =
      new Committer(Backends.open("cpu", BackendOptions.defaults()), DevelopmentSrs.inMemory());
  private static final KeyGenerator KEYS = new KeyGenerator(SYSTEM, COMMITTER);
  private static final VerifyingKey KEY = KEYS.verifyingKey();
  private static final ForgingProver FORGER = new ForgingProver(SYSTEM, COMMITTER, KEY);

  private Court() {}

  static VerifyingKey key() {
    return KEY;
  }

  static ProgramHeader header(Program program) {
    return KEYS.programKey(program).header();
  }

  /** What an honest run shows. */
  static Statement statement(ExecutionTrace trace) {
    return Prover.statement(header(trace.program()), trace, new byte[Statement.DIGEST_BYTES]);
  }

  /** The same run, said to have returned other results. */
  static Statement returning(Statement s, List<Value> results) {
    return new Statement(
        s.programDigest(),
        s.export(),
        s.arguments(),
        results,
        s.publicInput(),
        s.output(),
        Exit.returned(),
        s.steps(),
        s.context());
  }

  /** A proof of these tables, right or wrong. */
  static ProofFile proof(ProgramHeader header, Statement statement, List<TableInstance> tables) {
    return file(header, statement, FORGER.prove(header, statement, tables));
  }

  static ProofFile file(ProgramHeader header, Statement statement, byte[] proof) {
    return new ProofFile(header.extensionId(), KEY.srsId(), KEY.digest(), statement, proof);
  }

  /** What the verifier says of a proof of these tables. {@link #agree} asks the second one. */
  static Verdict verdict(Program program, Statement statement, List<TableInstance> tables) {
    ProgramHeader header = header(program);
    return VERIFIERS.judge("forged", KEY, header, proof(header, statement, tables));
  }

  /** The second verifier agrees with all verdicts since this was last called. */
  static void agree() {
    VERIFIERS.agrees();
  }

  /** What rows and buses say against the tables. */
  static List<String> wrong(Program program, Statement statement, List<TableInstance> tables) {
    return ForgingProver.wrong(header(program), statement, tables);
  }

  /** The tables are wrong, and a proof of them is refused for that. */
  static void refuses(Program program, Statement statement, List<TableInstance> tables) {
    List<String> wrong = wrong(program, statement, tables);
    assertFalse(wrong.isEmpty(), "nothing is wrong with these tables");
    Verdict verdict = verdict(program, statement, tables);
    assertEquals(Verdict.Kind.INVALID, verdict.kind(), wrong::toString);
    // Not for its form: sizes, order and encodings are as they must be.
    assertEquals(ARGUMENT_FAILS, verdict.reason(), wrong::toString);
  }

  /** The same for an attack on the honest statement of its run. */
  static void refuses(Attack attack) {
    refuses(attack.trace().program(), statement(attack.trace()), attack.tables());
  }
}

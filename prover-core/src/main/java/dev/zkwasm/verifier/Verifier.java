package dev.zkwasm.verifier;

import dev.zkwasm.curve.G2;
import dev.zkwasm.field.FieldHints;
import dev.zkwasm.field.Fr;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.Value;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.kzg.OpeningGroup;
import dev.zkwasm.kzg.ShplonkVerifier;
import dev.zkwasm.kzg.Srs;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.OpeningPoints;
import dev.zkwasm.proof.Proof;
import dev.zkwasm.proof.ProofCodec;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript;
import dev.zkwasm.proof.Statement;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a proof shows a statement, as {@code docs/spec/protocol.md} says. Key and program
 * header are trusted; the statement is what the caller wants to know; the proof may be anything:
 * any bytes end in a verdict, in time and memory bounded by their number and the statement's.
 *
 * <p>For any number of threads.
 */
public final class Verifier {
  private final ConstraintSystem system;
  private final VerifierPolicy policy;
  private final FieldHints hints;

  /** The check of openings under the last key: to prepare it takes as long as many a check. */
  private volatile @Nullable ShplonkVerifier openings;

  /** A verifier of proofs for a constraint system. */
  public Verifier(ConstraintSystem system, VerifierPolicy policy) {
    this(system, policy, FieldHints.NONE);
  }

  /**
   * A verifier of proofs for a constraint system.
   *
   * @param hints makes it faster; what it says is checked, so it need not be trusted
   */
  public Verifier(ConstraintSystem system, VerifierPolicy policy, FieldHints hints) {
    this.system = system;
    this.policy = policy;
    this.hints = hints;
  }

  /**
   * Verifies.
   *
   * @param key the universal key
   * @param header the program
   * @param statement what is to be shown
   * @param proof an encoded proof
   */
  public Verdict verify(VerifyingKey key, ProgramHeader header, Statement statement, byte[] proof) {
    try {
      if (!Arrays.equals(key.constraintDigest(), system.digest())) {
        return Verdict.unsupported("the key is for another constraint system");
      }
      checkTrust(key, header);
      checkCall(header, statement);
      InstanceRules rules = new InstanceRules(system, header, statement);
      rules.checkSteps();
      Proof decoded = ProofCodec.decode(system, proof, hints);
      rules.checkInstances(decoded.instances());
      check(key, header, statement, decoded);
      return Verdict.VALID;
    } catch (Refusal e) {
      return Verdict.invalid(String.valueOf(e.getMessage()));
    } catch (ProofFormatException.UnsupportedVersion e) {
      return Verdict.unsupported(String.valueOf(e.getMessage()));
    } catch (ProofFormatException e) {
      return Verdict.invalid(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Verifies a proof file: that its proof shows its statement. Whether that statement is what the
   * caller wants to know (export, inputs, outputs, context) is the caller's to look at.
   */
  public Verdict verify(VerifyingKey key, ProgramHeader header, ProofFile file) {
    try {
      // First, because another version has another key as well.
      ProofCodec.checkVersion(file.proof());
    } catch (ProofFormatException.UnsupportedVersion e) {
      return Verdict.unsupported(String.valueOf(e.getMessage()));
    } catch (ProofFormatException e) {
      return Verdict.invalid(String.valueOf(e.getMessage()));
    }
    if (!Arrays.equals(file.srsId(), key.srsId())) {
      return Verdict.invalid("the proof is of another reference string than the key");
    }
    if (!Arrays.equals(file.keyDigest(), key.digest())) {
      return Verdict.invalid(
          ("the proof was made under another verification key (0x%s) than this one (0x%s), as"
                  + " another version of the prover has")
              .formatted(
                  HexFormat.of().formatHex(file.keyDigest()),
                  HexFormat.of().formatHex(key.digest())));
    }
    return verify(key, header, file.statement(), file.proof());
  }

  private void checkTrust(VerifyingKey key, ProgramHeader header) throws Refusal {
    Refusal.unless(
        policy.acceptDevelopmentSrs() || !Srs.insecureDevelopment(key.tauG2()),
        "the key is of the development reference string, under which anyone can forge proofs");
    Refusal.unless(
        Commitments.fit(system, key, header),
        "key and program header do not have the columns of the constraint system");
  }

  /** The statement is about this program and one of its exports, with values of the right types. */
  private static void checkCall(ProgramHeader header, Statement statement) throws Refusal {
    Refusal.unless(
        Arrays.equals(statement.programDigest(), header.digest()),
        "the statement is about another program");
    Program.Export export =
        header
            .export(statement.export())
            .orElseThrow(
                () -> new Refusal("the program has no export '" + statement.export() + "'"));
    Refusal.unless(
        types(statement.arguments()).equals(export.parameters()),
        "the arguments do not have the types of the export's parameters");
    Refusal.unless(
        statement.arguments().stream().allMatch(Value::isArgument),
        "a function reference other than null is an argument");
    List<ValueType> results =
        statement.exit().kind() == Exit.Kind.RETURNED ? export.results() : List.of();
    Refusal.unless(
        types(statement.results()).equals(results),
        "the results do not have the types of the export's results");
  }

  private static List<ValueType> types(List<Value> values) {
    return values.stream().map(Value::type).toList();
  }

  /** The argument itself: all that depends on more than the sizes in the proof. */
  private void check(VerifyingKey key, ProgramHeader header, Statement statement, Proof proof)
      throws Refusal {
    ProofLayout layout = new ProofLayout(system, proof.instances());
    ProofTranscript transcript =
        new ProofTranscript(
            key.tauG2().toBytes(),
            key.digest(),
            statement.programDigest(),
            statement,
            proof.instances());
    ProofTranscript.BusChallenges bus = transcript.main(proof.main());
    Fr y = transcript.helpers(proof.helpers());
    Fr zeta = transcript.quotient(proof.quotient(), layout.maxLog());
    OpeningPoints points = new OpeningPoints(layout, zeta);
    Fr nu = transcript.evaluations(proof.evaluations());
    Fr u = transcript.opening(proof.w(), points);

    Fr terms =
        TermSum.of(statement, header, bus)
            .orElseThrow(() -> new Refusal("a challenge meets a tuple of the statement"));
    Fr numerator =
        new ConstraintSum(system, layout, points, proof.evaluations(), bus, y)
            .value(statement.publicInput(), terms);
    Fr quotient = numerator.mul(points.vanishing().inverse());

    Commitments commitments = new Commitments(system, layout, key, header, proof);
    List<OpeningGroup> claims =
        new OpeningClaims(layout, points, commitments, proof.evaluations()).groups(quotient);
    Refusal.unless(
        openings(key.tauG2()).verify(claims, nu, proof.w(), u, proof.wPrime()),
        "a constraint or an opening does not hold");
  }

  private ShplonkVerifier openings(G2 tauG2) {
    ShplonkVerifier known = openings;
    if (known == null || !known.tauG2().equals(tauG2)) {
      known = new ShplonkVerifier(tauG2, hints);
      openings = known;
    }
    return known;
  }
}

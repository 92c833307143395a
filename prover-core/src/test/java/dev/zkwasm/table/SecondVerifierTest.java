package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.zkwasm.air.TableInstance;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G2;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Program;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.proof.Statement;
import dev.zkwasm.prover.SecondVerifier;
import dev.zkwasm.verifier.Verdict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Both verifiers judge altered proofs, and proofs under other keys and of other programs than they
 * were made for. {@link ForgedRunTest} has them judge proofs of runs that did not happen, and
 * {@link ProofTest} valid ones of many tables.
 */
class SecondVerifierTest {
  /** Of well-formed alterations, which cost a pairing each, one in so many is judged each time. */
  private static final int SHARE = 3;

  private static final int RANDOM = 50;

  private static final SecondVerifier VERIFIERS =
      new SecondVerifier(StandardSystem.get(), Path.of("target", "second"));

  /** A run with its proof, and one of the same run under another context. */
  private record Subject(ProgramHeader header, ProofFile file, ProofFile other) {
    static Subject of(String run) {
      ExecutionTrace trace = Objects.requireNonNull(Programs.all().get(run));
      ProgramHeader header = Court.header(trace.program());
      List<TableInstance> tables = WitnessBuilder.build(TableSet.STANDARD, trace).instances();
      Statement statement = Court.statement(trace);
      byte[] context = new byte[Statement.DIGEST_BYTES];
      Arrays.fill(context, (byte) 7);
      Statement elsewhere =
          new Statement(
              statement.programDigest(),
              statement.export(),
              statement.arguments(),
              statement.results(),
              statement.publicInput(),
              statement.output(),
              statement.exit(),
              statement.steps(),
              context);
      return new Subject(
          header, Court.proof(header, statement, tables), Court.proof(header, elsewhere, tables));
    }

    FileMutations mutations() throws ProofFormatException {
      return new FileMutations(StandardSystem.get(), file, other);
    }
  }

  private void valid(String name, VerifyingKey key, ProgramHeader header, ProofFile file) {
    assertEquals("valid", VERIFIERS.judge(name, key, header, file).toString(), name);
  }

  private void refusedForItsForm(String name, ProgramHeader header, byte[] file) {
    Verdict verdict = VERIFIERS.judge(name, Court.key(), header, file);
    assertFalse(verdict.isValid(), name);
    assertNotEquals(Court.ARGUMENT_FAILS, verdict.reason(), name);
  }

  private void refused(String name, VerifyingKey key, ProgramHeader header, byte[] file) {
    assertEquals(
        new Verdict(Verdict.Kind.INVALID, Court.ARGUMENT_FAILS),
        VERIFIERS.judge(name, key, header, file),
        name);
  }

  /** A run with inputs of all kinds, results and output. */
  @Test
  void alteredProofs() throws ProofFormatException {
    altered("host", SHARE);
    VERIFIERS.agrees();
  }

  @Tag("long")
  @Test
  void allAlteredProofsOfManyRuns() throws ProofFormatException {
    for (String run : List.of("host", "trap", "exit code")) {
      altered(run, 1);
      flipped(run);
    }
    VERIFIERS.agrees();
  }

  private void altered(String run, int share) throws ProofFormatException {
    Subject subject = Subject.of(run);
    valid(run, Court.key(), subject.header, subject.file);
    valid(run + " elsewhere", Court.key(), subject.header, subject.other);
    FileMutations mutations = subject.mutations();
    mutations.form().forEach((name, file) -> refusedForItsForm(name, subject.header, file));
    int i = 0;
    for (Map.Entry<String, byte[]> one : mutations.argument().entrySet()) {
      if (i++ % share == 0) {
        refused(one.getKey(), Court.key(), subject.header, one.getValue());
      }
    }
  }

  /** Whatever a byte anywhere means: only the extension id is free. */
  private void flipped(String run) {
    Subject subject = Subject.of(run);
    Random random = new Random(run.length());
    byte[] good = subject.file.encode();
    for (int i = 0; i < RANDOM; i++) {
      byte[] bytes = good.clone();
      int at = random.nextInt(bytes.length);
      bytes[at] ^= (byte) (1 << random.nextInt(8));
      Verdict verdict = VERIFIERS.judge("byte " + at, Court.key(), subject.header, bytes);
      assertEquals(at >= 19 && at < 51, verdict.isValid(), "byte " + at);
    }
  }

  // ---- the second verifier itself

  @Test
  void itsQuickTestsPass() throws IOException {
    SecondVerifier.runOwnTests(
        Stream.of(
                "bn254",
                "constraints",
                "encoding",
                "formats",
                "keccak",
                "operation",
                "oracle",
                "transcript")
            .map(name -> "tests.test_" + name)
            .toList());
  }

  @Tag("long")
  @Test
  void allItsTestsPass() throws IOException {
    SecondVerifier.runOwnTests(List.of("discover", "-s", "tests", "-t", "."));
  }

  // ---- other keys and programs

  @Test
  void otherKeysAndPrograms() {
    Subject subject = Subject.of("host");
    ProgramHeader header = subject.header;
    ProofFile file = subject.file;
    ProofFile named =
        new ProofFile(new byte[32], file.srsId(), file.keyDigest(), file.statement(), file.proof());
    valid("another extension id, which is for information", Court.key(), header, named);

    VerifyingKey key = Court.key();
    List<G1> fixed = new ArrayList<>(key.fixedColumns());
    fixed.addFirst(fixed.removeLast());
    underKey(
        "key with columns exchanged",
        header,
        file,
        new VerifyingKey(key.constraintDigest(), fixed, key.tauG2()));
    underKey(
        "key of tau = 1",
        header,
        file,
        new VerifyingKey(key.constraintDigest(), key.fixedColumns(), G2.GENERATOR));

    ProgramHeader other =
        Court.header(Objects.requireNonNull(Programs.all().get("cells")).program());
    refusedForItsForm("another program", other, file.encode());
    List<G1> code = new ArrayList<>(header.programColumns());
    code.addFirst(code.removeLast());
    List<G1> image = new ArrayList<>(header.imageColumns());
    image.addFirst(image.removeLast());
    List<Program.Export> exports = new ArrayList<>();
    for (Program.Export e : header.exports()) {
      exports.add(new Program.Export(e.name(), e.parameters(), e.results(), e.entryPc() + 1));
    }
    ofProgram(
        "code exchanged",
        file,
        header(header, header.exports(), header.initialPages(), code, header.imageColumns()));
    ofProgram(
        "image exchanged",
        file,
        header(header, header.exports(), header.initialPages(), header.programColumns(), image));
    ofProgram(
        "entry elsewhere",
        file,
        header(
            header,
            exports,
            header.initialPages(),
            header.programColumns(),
            header.imageColumns()));
    ofProgram(
        "memory larger",
        file,
        header(
            header,
            header.exports(),
            header.initialPages() + 1,
            header.programColumns(),
            header.imageColumns()));
    VERIFIERS.agrees();
  }

  /** Said to be made under this key. */
  private void underKey(String name, ProgramHeader header, ProofFile file, VerifyingKey key) {
    ProofFile under =
        new ProofFile(
            file.extensionId(), key.srsId(), key.digest(), file.statement(), file.proof());
    refused(name, key, header, under.encode());
  }

  /** Said to be of this program. */
  private void ofProgram(String name, ProofFile file, ProgramHeader header) {
    Statement s = file.statement();
    Statement about =
        new Statement(
            header.digest(),
            s.export(),
            s.arguments(),
            s.results(),
            s.publicInput(),
            s.output(),
            s.exit(),
            s.steps(),
            s.context());
    refused(name, Court.key(), header, Court.file(header, about, file.proof()).encode());
  }

  private static ProgramHeader header(
      ProgramHeader of, List<Program.Export> exports, int pages, List<G1> code, List<G1> image) {
    return new ProgramHeader(
        of.extensionId(),
        of.loweringVersion(),
        of.programLog(),
        of.imageLog(),
        exports,
        pages,
        code,
        image);
  }
}

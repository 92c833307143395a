package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import dev.zkwasm.proof.ConstraintSystem;
import dev.zkwasm.proof.ProofFile;
import dev.zkwasm.proof.ProofFormatException;
import dev.zkwasm.verifier.Verdict;
import dev.zkwasm.verifier.Verifier;
import dev.zkwasm.verifier.VerifierPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Has proof files judged twice: by the verifier of this module, and by the one in {@code
 * docs/verifier}, which was written from the specification in another language. They must agree on
 * each file, and on whether the argument itself or something before it is wrong.
 */
public final class SecondVerifier {
  private static final Path FOLDER = Path.of("..", "docs", "verifier");
  private static final String ARGUMENT_FAILS = "a constraint or an opening does not hold";
  private static final String ARGUMENT_FAILS_THERE = "invalid: the pairing check fails";
  private static final int MINUTES = 20;

  private record Case(String name, Verdict verdict, Path proof, String line) {}

  private final Verifier verifier;
  private final Path folder;
  private final List<Case> cases = new ArrayList<>();
  private int judged;

  /**
   * No files yet.
   *
   * @param system the constraint system, which must be that of {@code docs/spec/constraints.txt}
   * @param folder where the files are left, for the second verifier and for people
   */
  public SecondVerifier(ConstraintSystem system, Path folder) {
    this.verifier = new Verifier(system, VerifierPolicy.DEVELOPMENT);
    this.folder = folder;
  }

  /**
   * Has bytes judged by the first verifier, and leaves them for the second.
   *
   * @param name part of the file's name
   */
  public Verdict judge(String name, VerifyingKey key, ProgramHeader header, byte[] file) {
    Verdict verdict;
    try {
      verdict = verifier.verify(key, header, ProofFile.decode(file));
    } catch (ProofFormatException e) {
      verdict = new Verdict(Verdict.Kind.INVALID, String.valueOf(e.getMessage()));
    }
    try {
      if (judged == 0) {
        clear();
      }
      Path keyFile = write(hex(key.digest()) + ".key", key.encode());
      Path headerFile = write(hex(header.digest()) + ".header", header.encode());
      Path proof = write("%04d %s.zkp".formatted(judged++, name), file);
      cases.add(new Case(name, verdict, proof, keyFile + "\t" + headerFile + "\t" + proof));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return verdict;
  }

  /** {@link #judge(String, VerifyingKey, ProgramHeader, byte[])} of a proof of a statement. */
  public Verdict judge(String name, VerifyingKey key, ProgramHeader header, ProofFile file) {
    return judge(name, key, header, file.encode());
  }

  /** Of files of earlier runs, which may be of another format. */
  private void clear() throws IOException {
    Files.createDirectories(folder);
    try (Stream<Path> old = Files.list(folder)) {
      for (Path file : old.toList()) {
        Files.delete(file);
      }
    }
  }

  private Path write(String name, byte[] bytes) throws IOException {
    return Files.write(folder.resolve(name), bytes);
  }

  private static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest, 0, 8);
  }

  /**
   * Asks the second verifier about all files judged since this was last called. Where there is no
   * Python it says so and does nothing.
   */
  public void agrees() {
    List<Case> asked = List.copyOf(cases);
    cases.clear();
    List<String> said;
    long start = System.nanoTime();
    try {
      said = ask(asked.stream().map(Case::line).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (said.isEmpty()) {
      return;
    }
    int valid = 0;
    int argument = 0;
    for (int i = 0; i < asked.size(); i++) {
      Case one = asked.get(i);
      String other = said.get(i);
      String both = "%s: %s, and %s".formatted(one.proof, one.verdict, other);
      assertEquals(one.verdict.isValid(), other.equals("valid"), both);
      boolean fails = one.verdict.reason().equals(ARGUMENT_FAILS);
      assertEquals(fails, other.startsWith(ARGUMENT_FAILS_THERE), both);
      valid += one.verdict.isValid() ? 1 : 0;
      argument += fails ? 1 : 0;
    }
    System.out.printf(
        "assurance: second verifier agrees on %d proofs: %d valid, %d refused by the argument, %d"
            + " before; %.1f s%n",
        asked.size(),
        valid,
        argument,
        asked.size() - valid - argument,
        (System.nanoTime() - start) / 1e9);
  }

  /** A line for each; nothing if there is no Python. */
  private List<String> ask(List<String> lines) throws IOException {
    Path questions = Files.write(folder.resolve("questions"), lines);
    Path answers = folder.resolve("answers");
    Path errors = folder.resolve("errors");
    boolean ran =
        python(
            new ProcessBuilder("python3", FOLDER.resolve("zkwasm_judge.py").toString())
                .redirectInput(questions.toFile())
                .redirectOutput(answers.toFile())
                .redirectError(errors.toFile()),
            errors);
    if (!ran) {
      return List.of();
    }
    List<String> said = Files.readAllLines(answers, StandardCharsets.UTF_8);
    assertEquals(lines.size(), said.size(), "answers");
    return said;
  }

  /**
   * The tests that the second verifier has of its own.
   *
   * @param modules some of them, or none for all
   */
  public static void runOwnTests(List<String> modules) throws IOException {
    List<String> command = new ArrayList<>(List.of("python3", "-m", "unittest", "-q"));
    command.addAll(modules);
    Path said = Files.createTempFile("second-verifier", ".txt");
    try {
      ProcessBuilder tests =
          new ProcessBuilder(command)
              .directory(FOLDER.toFile())
              .redirectErrorStream(true)
              .redirectOutput(said.toFile());
      if (python(tests, said)) {
        System.out.println("second verifier's own tests: " + Files.readAllLines(said));
      }
    } finally {
      Files.delete(said);
    }
  }

  /** Whether there is a Python; what it runs must end well. */
  private static boolean python(ProcessBuilder program, Path errors) throws IOException {
    Process process;
    try {
      process = program.start();
    } catch (IOException e) {
      System.out.println("SKIPPED the second verifier: there is no python3: " + e.getMessage());
      return false;
    }
    try {
      assertTrue(process.waitFor(MINUTES, TimeUnit.MINUTES), "the second verifier does not end");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroy();
    }
    assertEquals(0, process.exitValue(), Files.readString(errors));
    return true;
  }
}

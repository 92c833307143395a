package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.ProofFiles;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.proof.Statement;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code zkprover verify}. */
@Command(
    name = "verify",
    description = {
      "Check a proof against a module and print the statement that was proven.",
      "Call options are expectations: the check fails where the proof says otherwise."
    },
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "FILE.wasm", description = "the module")
  private Path module = Path.of("");

  @Parameters(index = "1", paramLabel = "P.zkp", description = "the proof")
  private Path proof = Path.of("");

  @Mixin private final CallOptions expected = new CallOptions();
  @Mixin private final EngineOptions engineOptions = new EngineOptions();
  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  VerifyCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    if (expected.privateInput != null) {
      throw CliException.badInput("--private cannot be expected: a proof says nothing about it");
    }
    Stopwatch stopwatch = new Stopwatch();
    byte[] file = Bytes.read(proof, Steps.MAX_PROOF);
    String reason;
    StatedProof stated = null;
    try {
      StatedProof claimed = ProofFiles.read(file);
      if (engineOptions.srs == null) {
        engineOptions.srs = Bytes.hex(claimed.srsId()).substring(2);
      }
      Engine engine = environment.engines().open(engineOptions, common.home(environment));
      Guest guest = Steps.load(engine, module);
      stated = stopwatch.time("verify", () -> engine.verify(guest, file));
      reason = objection(guest, stated.statement());
    } catch (EngineException e) {
      switch (e.kind()) {
        case INVALID_PROOF -> reason = String.valueOf(e.getMessage());
        case BAD_PROOF -> throw new EngineException(e.kind(), proof + ": " + e.getMessage(), e);
        default -> throw e;
      }
    }
    report(stated, reason, stopwatch);
    return reason == null ? Main.DONE : Main.INVALID_PROOF;
  }

  /** The first expectation that the statement does not meet. */
  private @Nullable String objection(Guest guest, Statement statement) {
    if (expected.export != null && !expected.export.equals(statement.export())) {
      return "the proof is about export %s, not %s".formatted(statement.export(), expected.export);
    }
    if (!expected.arguments.isEmpty()) {
      var wanted = expected.arguments(CallOptions.export(guest.program(), statement.export()));
      if (!wanted.equals(statement.arguments())) {
        return "the proof is about arguments (%s), not (%s)"
            .formatted(Reports.text(statement.arguments()), Reports.text(wanted));
      }
    }
    if (expected.input != null
        && !Arrays.equals(expected.publicInput(environment), statement.publicInput())) {
      return "the proof is about another public input";
    }
    if (expected.context != null && !Arrays.equals(expected.context(), statement.context())) {
      return "the proof is bound to context %s, not %s"
          .formatted(Bytes.hex(statement.context()), Bytes.hex(expected.context()));
    }
    return null;
  }

  private void report(@Nullable StatedProof stated, @Nullable String reason, Stopwatch stopwatch) {
    if (stated != null && stated.insecureSrs()) {
      Reports.warnInsecure(environment.err());
    }
    if (common.json) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("valid", reason == null);
      json.put("reason", reason == null ? "" : reason);
      if (stated != null) {
        json.putAll(Reports.statement(stated));
        json.put("proofBytes", (long) stated.proofBytes());
      }
      json.put("seconds", stopwatch.seconds());
      environment.out().println(Json.write(json));
      return;
    }
    environment.out().println(reason == null ? "VALID" : "INVALID: " + reason);
    if (stated != null) {
      Reports.printStatement(environment.out(), stated);
    }
  }
}

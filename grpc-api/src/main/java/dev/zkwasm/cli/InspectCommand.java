package dev.zkwasm.cli;

import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.engine.ProofFiles;
import dev.zkwasm.engine.RecordedCall;
import dev.zkwasm.engine.StatedProof;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code zkprover inspect}. */
@Command(
    name = "inspect",
    description = "Say what a module, trace or proof holds. A proof is read, not verified.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  private static final byte[] WASM = {0, 'a', 's', 'm'};

  /** No less than what any kind of file begins with. */
  private static final int HEAD = 64;

  @Parameters(paramLabel = "FILE", description = "a module, a trace (.zwt) or a proof (.zkp)")
  private Path file = Path.of("");

  @Mixin private final CommonOptions common = new CommonOptions();
  private final Environment environment;

  InspectCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    byte[] head = head();
    if (ProofFiles.isOne(head)) {
      byte[] bytes = Bytes.read(file, Steps.MAX_PROOF);
      proof(Steps.naming(file, () -> ProofFiles.read(bytes)));
      return Main.DONE;
    }
    Engine engine = environment.engines().open(new EngineOptions(), common.home(environment));
    if (startsWith(head, WASM)) {
      module(Steps.load(engine, file), engine);
    } else if (engine.isTrace(head)) {
      trace(Steps.replay(engine, file, environment, common));
    } else {
      throw CliException.badInput(file + " is no WebAssembly module, no trace and no proof file");
    }
    return Main.DONE;
  }

  /** What a file begins with: enough to tell what it is. */
  private byte[] head() {
    try (InputStream in = Bytes.open(file)) {
      return in.readNBytes(HEAD);
    } catch (IOException e) {
      throw Bytes.unreadable(file, e);
    }
  }

  private static boolean startsWith(byte[] bytes, byte[] magic) {
    return bytes.length >= magic.length
        && java.util.Arrays.equals(bytes, 0, magic.length, magic, 0, magic.length);
  }

  private void module(Guest guest, Engine engine) {
    Program program = guest.program();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", "module");
    json.put("extensionId", Bytes.hex(guest.extensionId()));
    json.put("programDigest", Bytes.hex(engine.programDigest(guest)));
    json.put("loweringVersion", program.loweringVersion());
    json.put("bytes", (long) guest.wasm().length);
    json.put("instructions", (long) program.code().size());
    json.put("imageCells", (long) program.image().size());
    json.put("initialPages", (long) program.initialMemoryPages());
    json.put("exports", program.exports().stream().map(e -> (Object) export(e)).toList());
    if (common.json) {
      environment.out().println(Json.write(json));
      return;
    }
    PrintStream out = environment.out();
    Reports.line(out, "WebAssembly", "module of " + Bytes.size(guest.wasm().length));
    Reports.line(out, "extension id", Bytes.hex(guest.extensionId()));
    Reports.line(out, "program digest", String.valueOf(json.get("programDigest")));
    Reports.line(
        out,
        "lowered to",
        "%,d instructions (lowering version %d)"
            .formatted(program.code().size(), program.loweringVersion()));
    Reports.line(
        out,
        "memory",
        "%,d pages of 64 KiB at the start, %,d cells not zero"
            .formatted(program.initialMemoryPages(), program.image().size()));
    for (Program.Export export : program.exports()) {
      Reports.line(
          out,
          "export",
          "%s(%s)%s"
              .formatted(
                  export.name(),
                  types(export.parameters()),
                  export.results().isEmpty() ? "" : " -> " + types(export.results())));
    }
  }

  private static String types(List<ValueType> types) {
    return types.stream().map(Numbers::name).collect(Collectors.joining(", "));
  }

  private static Map<String, Object> export(Program.Export export) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", export.name());
    json.put("params", export.parameters().stream().map(Numbers::name).toList());
    json.put("results", export.results().stream().map(Numbers::name).toList());
    return json;
  }

  private void trace(RecordedCall recorded) {
    Call call = recorded.call();
    if (common.json) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("kind", "trace");
      json.put("extensionId", Bytes.hex(recorded.guest().extensionId()));
      json.put("export", call.export());
      json.put("args", Reports.values(call.arguments()));
      json.put("publicInput", Bytes.hex(call.publicInput()));
      json.put("privateInputBytes", (long) call.privateInput().length);
      json.put("context", Bytes.hex(recorded.context()));
      json.putAll(Reports.run(recorded.outcome()));
      environment.out().println(Json.write(json));
      return;
    }
    PrintStream out = environment.out();
    Reports.line(out, "trace of", Bytes.hex(recorded.guest().extensionId()));
    Reports.line(out, "public input", Reports.bytes(call.publicInput()));
    Reports.line(
        out,
        "private input",
        call.privateInput().length == 0
            ? "none"
            : Bytes.size(call.privateInput().length) + ", not shown: keep this file secret");
    Reports.line(out, "context", Bytes.hex(recorded.context()));
    Reports.printRun(out, call, recorded.outcome());
    Reports.line(out, "replayed", "every step follows the program");
  }

  private void proof(StatedProof proof) {
    if (proof.insecureSrs()) {
      Reports.warnInsecure(environment.err());
    }
    if (common.json) {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("kind", "proof");
      json.putAll(Reports.statement(proof));
      json.put("proofBytes", (long) proof.proofBytes());
      environment.out().println(Json.write(json));
      return;
    }
    Reports.line(
        environment.out(),
        "proof",
        Bytes.size(proof.proofBytes()) + ", not verified (zkprover verify does): it claims");
    Reports.printStatement(environment.out(), proof);
  }
}

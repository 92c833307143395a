package dev.zkwasm.bench.cli;

import dev.zkwasm.cli.Bytes;
import dev.zkwasm.cli.EngineOptions;
import dev.zkwasm.cli.Environment;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.Guest;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code zkprover bench verify}. */
@Command(
    name = "verify",
    description = {
      "Warm verification of a stored proof: nothing is kept from one to the next but the keys.",
      "The proof must be valid, and refused with a flipped byte."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Examples:",
      "  zkprover prove guest.wasm --input FILE -o proof.zkp",
      "  zkprover bench verify guest.wasm proof.zkp --iterations 200",
    })
final class VerifyCommand extends Measurement {
  private static final int MAX_FILE = 256 << 20;

  @Parameters(index = "0", paramLabel = "FILE.wasm", description = "the module")
  private Path module = Path.of("");

  @Parameters(index = "1", paramLabel = "P.zkp", description = "a proof about it")
  private Path proof = Path.of("");

  @Option(
      names = "--srs",
      paramLabel = "ID",
      description = "reference string (default: the insecure development one)")
  private @Nullable String srs;

  @Mixin private final Repeats repeats = new Repeats(300, 100);

  VerifyCommand(Environment environment) {
    super(environment);
  }

  @Override
  void check() {
    repeats.check();
  }

  @Override
  Figures measure() throws Exception {
    EngineOptions options = new EngineOptions();
    options.srs = srs;
    byte[] file = Bytes.read(proof, MAX_FILE);
    byte[] wasm = Bytes.read(module, MAX_FILE);
    Engine engine = environment.engines().open(options, common.home(environment));
    try {
      Guest guest = load(engine, wasm);
      look(engine, guest, file);
      return new Figures(
          "",
          List.of(
              new Verification(engine, guest, file)
                  .measure(
                      String.valueOf(module.getFileName()),
                      "cpu",
                      0,
                      Runtime.getRuntime().availableProcessors(),
                      work -> repeats.time(work, fraction -> {}))));
    } finally {
      if (engine instanceof AutoCloseable closeable) {
        closeable.close();
      }
    }
  }

  private Guest load(Engine engine, byte[] wasm) {
    try {
      Guest guest = engine.load(wasm);
      engine.programDigest(guest);
      return guest;
    } catch (EngineException e) {
      throw new EngineException(e.kind(), module + ": " + e.getMessage(), e);
    }
  }

  /** Says why a proof does not hold; a file that is none is refused. */
  private void look(Engine engine, Guest guest, byte[] file) {
    try {
      engine.verify(guest, file);
    } catch (EngineException e) {
      if (e.kind() != EngineException.Kind.INVALID_PROOF) {
        throw new EngineException(e.kind(), proof + ": " + e.getMessage(), e);
      }
      environment.err().println("zkprover: " + proof + ": " + e.getMessage());
    }
  }
}

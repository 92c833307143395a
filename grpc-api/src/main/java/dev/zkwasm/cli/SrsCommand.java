package dev.zkwasm.cli;

import dev.zkwasm.kzg.DevelopmentSrs;
import dev.zkwasm.kzg.PtauException;
import dev.zkwasm.kzg.Srs;
import dev.zkwasm.kzg.SrsStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code zkprover srs}. */
@Command(
    name = "srs",
    description = "The structured reference strings that proofs are made under.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "info|import|dev")
final class SrsCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();
  private final Environment environment;

  SrsCommand(Environment environment) {
    this.environment = environment;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "say info, import FILE.ptau or dev");
  }

  private SrsStore store(CommonOptions common) {
    return new SrsStore(common.home(environment).referenceStrings());
  }

  private void print(CommonOptions common, List<Srs> strings) {
    if (common.json) {
      List<Object> all = new ArrayList<>();
      for (Srs srs : strings) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("srsId", "0x" + srs.id());
        json.put("maxLog", srs.maxLog());
        json.put("insecure", srs.insecureDevelopment());
        json.put("origin", srs.origin());
        all.add(json);
      }
      environment.out().println(Json.write(Map.of("strings", all)));
      return;
    }
    for (Srs srs : strings) {
      environment
          .out()
          .printf("0x%s  tables up to 2^%d rows  %s%n", srs.id(), srs.maxLog(), srs.origin());
    }
  }

  @Command(
      name = "info",
      description = "List the reference strings there are.",
      mixinStandardHelpOptions = true)
  int info(@Mixin CommonOptions common) {
    SrsStore store = store(common);
    try {
      print(common, store.list());
    } catch (IOException e) {
      throw CliException.badInput(Bytes.reason(e));
    }
    if (!common.json) {
      environment.out().println("kept in " + common.home(environment).referenceStrings());
    }
    return Main.DONE;
  }

  @Command(
      name = "import",
      description = {
        "Check a powers-of-tau file of snarkjs (.ptau) and keep what is needed of it.",
        "Whether its ceremony is to be trusted is yours to judge."
      },
      mixinStandardHelpOptions = true)
  int importPtau(
      @Parameters(paramLabel = "FILE.ptau", description = "a powers-of-tau file") Path file,
      @Mixin CommonOptions common) {
    if (!Files.isRegularFile(file)) {
      throw CliException.badInput("cannot read " + file + ": no such file");
    }
    if (!common.quiet) {
      environment.err().println("checking every point of " + file + "...");
    }
    try {
      print(common, List.of(store(common).importPtau(file)));
    } catch (PtauException e) {
      // Its message names the file.
      throw CliException.badInput(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CliException.badInput("cannot import " + file + ": " + Bytes.reason(e));
    }
    return Main.DONE;
  }

  @Command(
      name = "dev",
      description = {
        "Prepare the INSECURE development string, so that the first proof need not wait for it.",
        "Its secret is public: anybody can forge proofs under it. For trying things out only."
      },
      mixinStandardHelpOptions = true)
  int dev(
      @Option(
              names = "--log",
              paramLabel = "N",
              defaultValue = "16",
              description = "for tables up to 2^N rows (default: 16)")
          int log,
      @Mixin CommonOptions common) {
    DevelopmentSrs srs = store(common).development();
    if (log < 1 || log > srs.maxLog()) {
      throw CliException.badInput("--log takes 1 to " + srs.maxLog() + ", not " + log);
    }
    Reports.warnInsecure(environment.err());
    try (ProgressBar progress = new ProgressBar(environment, common.quiet, "preparing")) {
      for (int i = 4; i <= log; i++) {
        progress.report("heights up to 2^" + i, (double) (1L << i) / (1L << (log + 1)));
        srs.lagrange(i);
      }
      progress.report("powers", 0.5);
      srs.powers(log);
    }
    print(common, List.of(srs));
    return Main.DONE;
  }
}

package dev.zkwasm.bench.cli;

import dev.zkwasm.bench.kernel.ScalarKind;
import dev.zkwasm.cli.CliException;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** Which inputs kernels are timed on. */
final class KernelOptions {

  @Option(
      names = {"--log", "--sizes"},
      paramLabel = "SIZES",
      description =
          "base-two logarithms: 16, 16-20, 2^16..2^20 or 12,16-18, from 4 to 26 (default:"
              + " ${DEFAULT-VALUE})")
  String sizes = "16-18";

  @Option(
      names = "--scalars",
      paramLabel = "KIND",
      description =
          "uniform, witness (as a trace has them), equal, and for msm also bit, u8, u16, u32, u64;"
              + " several with commas between (default: ${DEFAULT-VALUE})")
  String scalars = "uniform";

  @Option(
      names = "--transfers",
      paramLabel = "WHEN",
      description =
          "with, without or both: whether the time includes moving bulk data to and from the device"
              + " (default: ${DEFAULT-VALUE})")
  String transfers = "without";

  List<Integer> logs() {
    return Sizes.parse(sizes);
  }

  /** The kinds, in the order given. */
  Set<ScalarKind> kinds(boolean typed) {
    Set<ScalarKind> kinds = new LinkedHashSet<>();
    for (String name : scalars.split(",", -1)) {
      kinds.add(
          Arrays.stream(ScalarKind.values())
              .filter(kind -> typed || kind.isField())
              .filter(kind -> kind.toString().equals(name.strip()))
              .findFirst()
              .orElseThrow(
                  () ->
                      CliException.badInput(
                          "--scalars takes %s, not '%s'"
                              .formatted(
                                  Arrays.stream(ScalarKind.values())
                                      .filter(kind -> typed || kind.isField())
                                      .map(ScalarKind::toString)
                                      .collect(Collectors.joining(", ")),
                                  name))));
    }
    return kinds;
  }

  /** False for without, true for with. */
  List<Boolean> transfers() {
    return switch (transfers.toLowerCase(Locale.ROOT)) {
      case "without" -> List.of(false);
      case "with" -> List.of(true);
      case "both" -> List.of(false, true);
      default ->
          throw CliException.badInput(
              "--transfers takes with, without or both, not '" + transfers + "'");
    };
  }
}

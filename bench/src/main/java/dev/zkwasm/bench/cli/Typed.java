package dev.zkwasm.bench.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** The command line as it was typed. */
final class Typed {
  private Typed() {}

  static String command(CommandSpec spec) {
    CommandLine top = spec.commandLine();
    while (top.getParent() != null) {
      top = top.getParent();
    }
    return "zkprover " + String.join(" ", top.getParseResult().originalArgs());
  }
}

package dev.zkwasm.cli;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;

/**
 * What a command sees of the world.
 *
 * @param out for results
 * @param err for everything else
 * @param in standard input
 * @param terminal whether a person is watching: progress is drawn then
 * @param variables environment variables
 * @param engines opens the prover
 */
public record Environment(
    PrintStream out,
    PrintStream err,
    InputStream in,
    boolean terminal,
    Map<String, String> variables,
    Engines engines) {}

package dev.zkwasm.prover;

import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Value;
import dev.zkwasm.proof.Statement;
import java.util.List;

/** A statement to be altered part by part. */
final class StatementParts {
  private final Statement from;
  private byte[] programDigest;
  private String export;
  private List<Value> arguments;
  private List<Value> results;
  private byte[] publicInput;
  private byte[] output;
  private Exit exit;
  private long steps;
  private byte[] context;

  StatementParts(Statement from) {
    this.from = from;
    programDigest = from.programDigest();
    export = from.export();
    arguments = from.arguments();
    results = from.results();
    publicInput = from.publicInput();
    output = from.output();
    exit = from.exit();
    steps = from.steps();
    context = from.context();
  }

  /** The parts of the statement that this was made of, unaltered. */
  StatementParts copy() {
    return new StatementParts(from);
  }

  StatementParts digest(byte[] value) {
    programDigest = value;
    return this;
  }

  StatementParts export(String value) {
    export = value;
    return this;
  }

  StatementParts arguments(List<Value> value) {
    arguments = value;
    return this;
  }

  StatementParts results(List<Value> value) {
    results = value;
    return this;
  }

  StatementParts publicInput(byte[] value) {
    publicInput = value;
    return this;
  }

  StatementParts output(byte[] value) {
    output = value;
    return this;
  }

  StatementParts exit(Exit value) {
    exit = value;
    return this;
  }

  StatementParts steps(long value) {
    steps = value;
    return this;
  }

  StatementParts context(byte[] value) {
    context = value;
    return this;
  }

  Statement build() {
    return new Statement(
        programDigest, export, arguments, results, publicInput, output, exit, steps, context);
  }
}

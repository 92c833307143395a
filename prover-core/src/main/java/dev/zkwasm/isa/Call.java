package dev.zkwasm.isa;

import java.util.List;

/**
 * What is to be executed and with which inputs.
 *
 * @param export name of the called export
 * @param arguments its arguments
 * @param publicInput bytes shown in the statement
 * @param privateInput bytes never revealed
 */
public record Call(String export, List<Value> arguments, byte[] publicInput, byte[] privateInput) {
  public Call {
    arguments = List.copyOf(arguments);
  }
}

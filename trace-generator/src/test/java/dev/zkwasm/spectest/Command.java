package dev.zkwasm.spectest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A command of a script; {@code line} is its line in the script's text, which the specification's
 * sources hold.
 */
sealed interface Command {
  int line();

  /**
   * Instantiates a module, which becomes the current one, and the one of that name if it has one.
   */
  record Instantiate(int line, @Nullable String name, byte[] module) implements Command {}

  /** Offers the exports of a module (the current one without a name) to later imports. */
  record Register(int line, @Nullable String name, String as) implements Command {}

  record Perform(int line, Action action) implements Command {}

  record AssertReturn(int line, Action action, List<Expected> expected) implements Command {}

  record AssertTrap(int line, Action action, String text) implements Command {}

  /** The call stack must overflow. */
  record AssertExhaustion(int line, Action action, String text) implements Command {}

  /** A module that must be refused before it is linked: malformed or invalid. */
  record AssertRefused(int line, byte[] module, String text) implements Command {}

  record AssertUnlinkable(int line, byte[] module, String text) implements Command {}

  /** A module whose instantiation must trap. */
  record AssertUninstantiable(int line, byte[] module, String text) implements Command {}

  /** About the text format, which is not read here. */
  record NotApplicable(int line, String reason) implements Command {}

  /** Something done with an export of a module (the current one without a name). */
  sealed interface Action {
    @Nullable String module();

    String field();

    record Invoke(@Nullable String module, String field, List<SpecValue> arguments)
        implements Action {}

    /** Reads a global. */
    record Get(@Nullable String module, String field) implements Action {}
  }
}

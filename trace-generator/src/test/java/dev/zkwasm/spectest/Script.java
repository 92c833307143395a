package dev.zkwasm.spectest;

import dev.zkwasm.spectest.Command.Action;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A test script as {@code wast2json} writes it.
 *
 * @param name its name, without {@code .wast}
 * @param commands in order
 */
record Script(String name, List<Command> commands) {
  /**
   * Reads a script.
   *
   * @param files the script's folder: the command list {@code name.json} and the modules it names
   */
  static Script read(String name, Map<String, byte[]> files) {
    Map<?, ?> root =
        (Map<?, ?>) Json.parse(new String(file(files, name + ".json"), StandardCharsets.UTF_8));
    List<Command> commands = new ArrayList<>();
    for (Object entry : list(root, "commands")) {
      commands.add(command((Map<?, ?>) entry, files));
    }
    return new Script(name, List.copyOf(commands));
  }

  private static Command command(Map<?, ?> json, Map<String, byte[]> files) {
    int line = Math.toIntExact((Long) get(json, "line"));
    String type = string(json, "type");
    if ("text".equals(json.get("module_type"))) {
      return new Command.NotApplicable(line, "text format");
    }
    return switch (type) {
      case "module" -> new Command.Instantiate(line, optional(json, "name"), module(json, files));
      case "register" -> new Command.Register(line, optional(json, "name"), string(json, "as"));
      case "action" -> new Command.Perform(line, action(json));
      case "assert_return" ->
          new Command.AssertReturn(line, action(json), expected(list(json, "expected")));
      case "assert_trap" -> new Command.AssertTrap(line, action(json), string(json, "text"));
      case "assert_exhaustion" ->
          new Command.AssertExhaustion(line, action(json), string(json, "text"));
      case "assert_invalid", "assert_malformed" ->
          new Command.AssertRefused(line, module(json, files), string(json, "text"));
      case "assert_unlinkable" ->
          new Command.AssertUnlinkable(line, module(json, files), string(json, "text"));
      case "assert_uninstantiable" ->
          new Command.AssertUninstantiable(line, module(json, files), string(json, "text"));
      default -> throw new IllegalArgumentException("unknown command " + type + " of line " + line);
    };
  }

  private static Action action(Map<?, ?> command) {
    Map<?, ?> json = (Map<?, ?>) get(command, "action");
    String module = optional(json, "module");
    String field = string(json, "field");
    String type = string(json, "type");
    return switch (type) {
      case "invoke" ->
          new Action.Invoke(
              module, field, expected(list(json, "args")).stream().map(Expected::exactly).toList());
      case "get" -> new Action.Get(module, field);
      default -> throw new IllegalArgumentException("unknown action " + type);
    };
  }

  private static List<Expected> expected(List<?> values) {
    return values.stream()
        .map(
            value -> {
              Map<?, ?> json = (Map<?, ?>) value;
              return Expected.of(
                  SpecValue.Type.valueOf(string(json, "type").toUpperCase(Locale.ROOT)),
                  optional(json, "value"));
            })
        .toList();
  }

  private static byte[] module(Map<?, ?> json, Map<String, byte[]> files) {
    return file(files, string(json, "filename"));
  }

  private static byte[] file(Map<String, byte[]> files, String name) {
    byte[] bytes = files.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException("no file " + name);
    }
    return bytes;
  }

  private static Object get(Map<?, ?> json, String key) {
    Object value = json.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in " + json);
    }
    return value;
  }

  private static String string(Map<?, ?> json, String key) {
    return (String) get(json, key);
  }

  private static @Nullable String optional(Map<?, ?> json, String key) {
    return (String) json.get(key);
  }

  private static List<?> list(Map<?, ?> json, String key) {
    return (List<?>) get(json, key);
  }
}

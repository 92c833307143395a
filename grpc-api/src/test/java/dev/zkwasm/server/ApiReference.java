package dev.zkwasm.server;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumValueDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo.Location;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Writes the page docs/api.md from compiled .proto files that carry their comments. */
final class ApiReference {
  /** The path of a file's syntax line, whose comment is the file's. */
  private static final List<Integer> SYNTAX = List.of(FileDescriptorProto.SYNTAX_FIELD_NUMBER);

  private final List<String> undocumented = new ArrayList<>();
  private final StringBuilder page = new StringBuilder();
  private final Map<List<Integer>, String> comments = new HashMap<>();
  private String scope = "";

  private ApiReference() {}

  /**
   * The page, in Markdown.
   *
   * @throws IllegalArgumentException if anything is without a comment: the message names all that
   *     is
   */
  static String of(List<FileDescriptorProto> files) {
    ApiReference reference = new ApiReference();
    reference.page.append(
        """
        # API reference

        Package `zkwasm.prover.v1`, from the `.proto` files in `grpc-api/src/main/proto`. How the services behave together is in
        [the guide](guides/service.md). This page is generated: change the comments in those files, then rewrite it by

        ```
        mvn -q -Pquick -pl grpc-api -am -Dtest=ApiReferenceTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.rewrite=true test
        ```
        """);
    files.stream()
        .sorted(Comparator.comparing(FileDescriptorProto::getName))
        .forEach(reference::file);
    if (!reference.undocumented.isEmpty()) {
      throw new IllegalArgumentException(
          "without a comment in the .proto files: " + reference.undocumented);
    }
    return reference.page.toString();
  }

  private void file(FileDescriptorProto file) {
    scope = "." + file.getPackage() + ".";
    comments.clear();
    for (Location location : file.getSourceCodeInfo().getLocationList()) {
      comments.put(location.getPathList(), text(location.getLeadingComments()));
    }
    line("");
    line("## " + file.getName().substring(file.getName().lastIndexOf('/') + 1));
    String comment = comments.getOrDefault(SYNTAX, "");
    if (!comment.isEmpty()) {
      line("");
      line(comment);
    }
    for (int i = 0; i < file.getServiceCount(); i++) {
      service(file.getService(i), path(List.of(), FileDescriptorProto.SERVICE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < file.getMessageTypeCount(); i++) {
      message(
          file.getMessageType(i),
          "",
          path(List.of(), FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < file.getEnumTypeCount(); i++) {
      enumeration(
          file.getEnumType(i), "", path(List.of(), FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
    }
  }

  private void service(ServiceDescriptorProto service, List<Integer> path) {
    head("Service " + service.getName(), comment(service.getName(), path));
    table("method", "takes", "answers", "");
    for (int i = 0; i < service.getMethodCount(); i++) {
      MethodDescriptorProto method = service.getMethod(i);
      row(
          code(method.getName()),
          (method.getClientStreaming() ? "stream of " : "") + link(method.getInputType()),
          (method.getServerStreaming() ? "stream of " : "") + link(method.getOutputType()),
          comment(
              service.getName() + "." + method.getName(),
              path(path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, i)));
    }
  }

  private void message(DescriptorProto message, String prefix, List<Integer> path) {
    String name = prefix + message.getName();
    head(name, comment(name, path));
    if (message.getFieldCount() > 0) {
      table("field", "type", "number", "");
    }
    for (int i = 0; i < message.getFieldCount(); i++) {
      FieldDescriptorProto field = message.getField(i);
      row(
          code(field.getName()),
          type(field, message),
          Integer.toString(field.getNumber()),
          comment(name + "." + field.getName(), path(path, DescriptorProto.FIELD_FIELD_NUMBER, i)));
    }
    for (int i = 0; i < message.getOneofDeclCount(); i++) {
      int index = i;
      Stream<String> of =
          message.getFieldList().stream()
              .filter(f -> f.hasOneofIndex() && f.getOneofIndex() == index)
              .map(f -> code(f.getName()));
      line("");
      line("One of these is set: " + String.join(", ", of.toList()) + ".");
    }
    for (int i = 0; i < message.getEnumTypeCount(); i++) {
      enumeration(
          message.getEnumType(i),
          name + ".",
          path(path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, i));
    }
    for (int i = 0; i < message.getNestedTypeCount(); i++) {
      if (!message.getNestedType(i).getOptions().getMapEntry()) {
        message(
            message.getNestedType(i),
            name + ".",
            path(path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, i));
      }
    }
  }

  private void enumeration(EnumDescriptorProto type, String prefix, List<Integer> path) {
    String name = prefix + type.getName();
    head(name, comment(name, path));
    table("value", "number", "");
    for (int i = 0; i < type.getValueCount(); i++) {
      EnumValueDescriptorProto value = type.getValue(i);
      row(
          code(value.getName()),
          Integer.toString(value.getNumber()),
          comment(
              name + "." + value.getName(), path(path, EnumDescriptorProto.VALUE_FIELD_NUMBER, i)));
    }
  }

  private String type(FieldDescriptorProto field, DescriptorProto message) {
    for (DescriptorProto nested : message.getNestedTypeList()) {
      if (nested.getOptions().getMapEntry()
          && field.getTypeName().endsWith("." + message.getName() + "." + nested.getName())) {
        return "map of " + single(nested.getField(0)) + " to " + single(nested.getField(1));
      }
    }
    return (field.getLabel() == Label.LABEL_REPEATED ? "repeated " : "") + single(field);
  }

  private String single(FieldDescriptorProto field) {
    return field.hasTypeName()
        ? link(field.getTypeName())
        : code(field.getType().name().substring("TYPE_".length()).toLowerCase(Locale.ROOT));
  }

  /** A type of this package by a link to its heading, any other by its full name. */
  private String link(String type) {
    if (!type.startsWith(scope)) {
      return code(type.substring(1));
    }
    String name = type.substring(scope.length());
    return "[%s](#%s)".formatted(name, name.replace(".", "").toLowerCase(Locale.ROOT));
  }

  private String comment(String name, List<Integer> path) {
    String comment = comments.getOrDefault(path, "");
    if (comment.isEmpty()) {
      undocumented.add(name);
    }
    return comment;
  }

  private void head(String title, String comment) {
    line("");
    line("### " + title);
    line("");
    line(comment);
  }

  private void table(String... columns) {
    line("");
    row(columns);
    line("|---".repeat(columns.length) + "|");
  }

  private void row(String... cells) {
    line("| " + String.join(" | ", cells) + " |");
  }

  private void line(String line) {
    page.append(line).append('\n');
  }

  private static String code(String name) {
    return "`" + name + "`";
  }

  /** A comment on one line, which may stand in a table. */
  private static String text(String comment) {
    return comment.strip().replaceAll("\\s*\\n\\s*", " ").replace("|", "\\|").replace("<", "&lt;");
  }

  private static List<Integer> path(List<Integer> parent, int field, int index) {
    List<Integer> path = new ArrayList<>(parent);
    path.add(field);
    path.add(index);
    return List.copyOf(path);
  }
}

package dev.zkwasm.cli;

import dev.zkwasm.server.LogFields;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * Writes a record of the log: as a line of text, with the stack trace of its error below it, or as
 * one line of JSON. A message cannot begin a line of its own: what clients send may be part of it.
 */
final class LogFormatter extends Formatter {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSX").withZone(ZoneOffset.UTC);

  private final boolean json;

  LogFormatter(boolean json) {
    this.json = json;
  }

  @Override
  public String format(LogRecord record) {
    return (json ? json(record) : text(record)) + System.lineSeparator();
  }

  private String text(LogRecord record) {
    StringBuilder line =
        new StringBuilder()
            .append(TIME.format(record.getInstant()))
            .append(' ')
            .append(level(record.getLevel()))
            .append(' ')
            .append(shortName(record));
    LogFields.current()
        .forEach((name, value) -> line.append(' ').append(name).append('=').append(oneLine(value)));
    line.append(' ').append(oneLine(message(record)));
    Throwable error = record.getThrown();
    if (error != null) {
      line.append(System.lineSeparator()).append(stack(error).stripTrailing());
    }
    return line.toString();
  }

  private String json(LogRecord record) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", TIME.format(record.getInstant()));
    line.put("level", level(record.getLevel()));
    line.put("logger", String.valueOf(record.getLoggerName()));
    line.put("message", message(record));
    line.putAll(LogFields.current());
    Throwable error = record.getThrown();
    if (error != null) {
      line.put("error", error.toString());
      line.put("stack", stack(error));
    }
    return Json.write(line);
  }

  private String message(LogRecord record) {
    return String.valueOf(formatMessage(record));
  }

  private static String oneLine(String message) {
    return message.replace("\n", "\\n").replace("\r", "\\r");
  }

  private static String shortName(LogRecord record) {
    String name = String.valueOf(record.getLoggerName());
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static String stack(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static String level(Level level) {
    int value = level.intValue();
    return value >= Level.SEVERE.intValue()
        ? "ERROR"
        : value >= Level.WARNING.intValue()
            ? "WARN"
            : value >= Level.INFO.intValue()
                ? "INFO"
                : value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }
}

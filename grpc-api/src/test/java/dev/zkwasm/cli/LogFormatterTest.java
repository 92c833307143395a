package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.zkwasm.server.LogFields;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogFormatterTest {
  private static String format(
      boolean json, Level level, String message, @Nullable Throwable error) {
    LogRecord record = new LogRecord(level, message);
    record.setLoggerName("dev.zkwasm.server.JobRunner");
    record.setInstant(Instant.parse("2026-01-02T03:04:05Z"));
    record.setThrown(error);
    String[] line = new String[1];
    LogFields.with(
        "job",
        "j-1",
        () ->
            LogFields.with(
                "reference", "r\n2", () -> line[0] = new LogFormatter(json).format(record)));
    assertTrue(line[0].endsWith(System.lineSeparator()));
    return line[0].strip();
  }

  @Test
  void json() {
    String line =
        format(true, Level.SEVERE, "a \"message\"\nof two lines", new IllegalStateException("why"));
    assertEquals(1, line.lines().count());
    JsonObject record = JsonParser.parseString(line).getAsJsonObject();
    assertEquals(
        Set.of("time", "level", "logger", "message", "job", "reference", "error", "stack"),
        record.keySet());
    assertEquals("2026-01-02T03:04:05.000Z", record.get("time").getAsString());
    assertEquals("ERROR", record.get("level").getAsString());
    assertEquals("dev.zkwasm.server.JobRunner", record.get("logger").getAsString());
    assertEquals("a \"message\"\nof two lines", record.get("message").getAsString());
    assertEquals("j-1", record.get("job").getAsString());
    assertEquals("r\n2", record.get("reference").getAsString());
    assertEquals("java.lang.IllegalStateException: why", record.get("error").getAsString());
    assertTrue(record.get("stack").getAsString().contains("at dev.zkwasm.cli.LogFormatterTest"));
    assertFalse(format(true, Level.INFO, "fine", null).contains("error"));
  }

  /** What a client sends must not look like a line of the log. */
  @Test
  void textIsOneLine() {
    assertEquals(
        "2026-01-02T03:04:05.000Z INFO JobRunner job=j-1 reference=r\\n2 queued client=a\\nb\\r",
        format(false, Level.INFO, "queued client=a\nb\r", null));
    String failed = format(false, Level.SEVERE, "failed", new IllegalStateException("why"));
    assertTrue(failed.lines().toList().get(1).equals("java.lang.IllegalStateException: why"));
    assertTrue(failed.contains("\tat dev.zkwasm.cli.LogFormatterTest"));
  }

  @Test
  void levels() {
    for (Map.Entry<Level, String> each :
        Map.of(
                Level.SEVERE, "ERROR",
                Level.WARNING, "WARN",
                Level.INFO, "INFO",
                Level.CONFIG, "DEBUG",
                Level.FINE, "DEBUG",
                Level.FINEST, "TRACE")
            .entrySet()) {
      assertTrue(
          format(false, each.getKey(), "", null).contains(" " + each.getValue() + " "),
          each.toString());
    }
  }

  @Test
  void fieldsEndWithWhatTheyAreFor() throws InterruptedException {
    LogFields.with(
        "job",
        "1",
        () -> {
          LogFields.with("job", "2", () -> assertEquals(Map.of("job", "2"), LogFields.current()));
          assertEquals(Map.of("job", "1"), LogFields.current());
        });
    assertEquals(Map.of(), LogFields.current());
  }

  @Test
  void threadsDoNotInheritFields() throws InterruptedException {
    List<Map<String, String>> seen = new java.util.concurrent.CopyOnWriteArrayList<>();
    Thread[] thread = new Thread[1];
    LogFields.with(
        "job",
        "1",
        () -> thread[0] = Thread.ofPlatform().start(() -> seen.add(LogFields.current())));
    thread[0].join();
    assertEquals(List.of(Map.of()), seen);
  }

  @Test
  void whatClientsDoWrongOnTheWireFillsNoLog() {
    Logs.quietTransport();
    for (String name : List.of("NettyServerStream", "NettyServerTransport")) {
      Logger logger = Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty." + name);
      assertFalse(logger.isLoggable(Level.WARNING), name);
    }
  }

  @Test
  void unknownNamesAreRefused() {
    for (String[] wrong : new String[][] {{"loud", "text"}, {"info", "xml"}}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> Logs.set(wrong[0], wrong[1]));
      assertTrue(String.valueOf(e.getMessage()).contains("is none of ["), e.getMessage());
    }
  }
}

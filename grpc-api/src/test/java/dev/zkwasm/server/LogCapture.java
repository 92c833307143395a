package dev.zkwasm.server;

import dev.zkwasm.cli.Logs;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Listens to the log of this process. */
final class LogCapture extends Handler {
  private static final Pattern REFERENCE =
      Pattern.compile("internal error, reference ([0-9a-f-]{36})");

  private final Logger root = Logger.getLogger("");

  private final Set<String> references = ConcurrentHashMap.newKeySet();
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  void open() {
    // As a node in a process of its own has it.
    Logs.quietTransport();
    root.addHandler(this);
  }

  @Override
  public void publish(LogRecord record) {
    // On the thread that logs: its fields are those of the record.
    String reference = LogFields.current().get("reference");
    if (reference != null && record.getThrown() != null) {
      references.add(reference);
    }
    String logger = String.valueOf(record.getLoggerName());
    // A buffer that a client of another test has dropped is found whenever memory is collected.
    if (logger.startsWith("io.grpc")
        && !logger.endsWith(".ResourceLeakDetector")
        && record.getLevel().intValue() >= Level.SEVERE.intValue()) {
      complaints.add(logger + ": " + record.getMessage() + " " + record.getThrown());
    }
  }

  /** Whether what a client was told leads to an error in the log. */
  boolean explains(String description) {
    Matcher matcher = REFERENCE.matcher(description);
    return matcher.matches() && references.contains(matcher.group(1));
  }

  /** References of errors that were logged. */
  Set<String> references() {
    return references;
  }

  /** What the transport takes for a fault: an exception that nobody caught. */
  List<String> complaintsOfGrpc() {
    return List.copyOf(complaints);
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    root.removeHandler(this);
  }
}

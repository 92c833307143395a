package dev.zkwasm.cli;

import java.util.List;
import java.util.Locale;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The log of the process, on standard error. Everything logs through the JDK's java.util.logging in
 * the end: this program and some libraries by way of SLF4J, gRPC and the core directly.
 */
public final class Logs {
  static final List<String> LEVELS = List.of("error", "warn", "info", "debug", "trace");
  static final List<String> FORMATS = List.of("text", "json");

  private static final Logger ROOT = Logger.getLogger("");

  /** Kept here: a logger that nobody holds forgets its level. */
  private static final Logger OWN = Logger.getLogger("dev.zkwasm");

  /**
   * These log a stack trace for each message that is too large, and for each connection that is no
   * gRPC or is cut off: anybody could fill the disk with them. The client is told, and counted.
   */
  private static final List<Logger> TRANSPORT =
      Stream.of("NettyServerStream", "NettyServerTransport")
          .map(name -> Logger.getLogger("io.grpc.netty.shaded.io.grpc.netty." + name))
          .toList();

  private Logs() {}

  /**
   * The JDK's log closes before the program's own shutdown hooks have run; this one stays open to
   * the end, so that what goes wrong while a node stops is in it.
   */
  public static final class OpenToTheEnd extends LogManager {
    @Override
    public void reset() {}
  }

  /** To be called before anything logs. */
  static void keepOpen() {
    System.setProperty("java.util.logging.manager", OpenToTheEnd.class.getName());
  }

  /**
   * Logs from now on, instead of what was set before.
   *
   * @param level one of {@link #LEVELS}: what this program logs; of libraries nothing below info
   * @param format one of {@link #FORMATS}
   * @throws IllegalArgumentException if it is none of them; the message says which there are
   */
  public static void set(String level, String format) {
    Level own = level(level);
    if (!FORMATS.contains(format)) {
      throw new IllegalArgumentException("'%s' is none of %s".formatted(format, FORMATS));
    }
    for (Handler handler : ROOT.getHandlers()) {
      ROOT.removeHandler(handler);
    }
    Handler console = new ConsoleHandler();
    console.setLevel(Level.ALL);
    console.setFormatter(new LogFormatter(format.equals("json")));
    ROOT.addHandler(console);
    ROOT.setLevel(own.intValue() < Level.INFO.intValue() ? Level.INFO : own);
    OWN.setLevel(own);
    quietTransport();
  }

  /** Keeps what clients do wrong on the wire out of the log. */
  public static void quietTransport() {
    TRANSPORT.forEach(logger -> logger.setLevel(Level.SEVERE));
  }

  private static Level level(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "error" -> Level.SEVERE;
      case "warn" -> Level.WARNING;
      case "info" -> Level.INFO;
      case "debug" -> Level.FINE;
      case "trace" -> Level.FINEST;
      default -> throw new IllegalArgumentException("'%s' is none of %s".formatted(name, LEVELS));
    };
  }
}

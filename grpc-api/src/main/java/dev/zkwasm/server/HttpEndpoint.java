package dev.zkwasm.server;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.zkwasm.proto.v1.NodeStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * What an operator looks at, over HTTP: a status page at {@code /}, its data at {@code
 * /status.json}, Prometheus metrics at {@code /metrics}, {@code /healthz} (the process answers) and
 * {@code /readyz} (it takes jobs). Nothing here changes anything, and nothing is secret, but it
 * tells who submits what: it listens on this machine only.
 */
final class HttpEndpoint implements AutoCloseable {
  private static final String PAGE = "status.html";
  private static final int BACKLOG = 64;

  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  private record Answer(int status, String type, byte[] body) {
    static Answer text(int status, String type, String body) {
      return new Answer(status, type, body.getBytes(StandardCharsets.UTF_8));
    }
  }

  /**
   * Starts to listen on the loopback address.
   *
   * @param port 0 for any free one
   * @param notes lines that {@code /readyz} adds when it is ready: what is not as it should be
   */
  HttpEndpoint(
      int port,
      Supplier<String> metrics,
      Supplier<NodeStatus> status,
      BooleanSupplier ready,
      Supplier<List<String>> notes)
      throws IOException {
    byte[] page;
    try (InputStream in = HttpEndpoint.class.getResourceAsStream(PAGE)) {
      if (in == null) {
        throw new IllegalStateException("the resource " + PAGE + " is missing");
      }
      page = in.readAllBytes();
    }
    server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), BACKLOG);
    server.setExecutor(executor);
    serve("/", () -> new Answer(200, "text/html; charset=utf-8", page));
    serve("/status.json", () -> Answer.text(200, "application/json", json(status.get())));
    serve(
        "/metrics",
        () -> Answer.text(200, "text/plain; version=0.0.4; charset=utf-8", metrics.get()));
    serve("/healthz", () -> Answer.text(200, "text/plain", "ok\n"));
    serve(
        "/readyz",
        () ->
            ready.getAsBoolean()
                ? Answer.text(200, "text/plain", ready(notes.get()))
                : Answer.text(503, "text/plain", "takes no jobs\n"));
    server.start();
  }

  private static String ready(List<String> notes) {
    return notes.stream().map(note -> note + "\n").collect(Collectors.joining("", "ready\n", ""));
  }

  private static String json(NodeStatus status) {
    try {
      return JsonFormat.printer().alwaysPrintFieldsWithNoPresence().print(status);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(String path, Supplier<Answer> answers) {
    server.createContext(
        path,
        exchange -> {
          try (exchange) {
            send(exchange, answer(path, exchange, answers));
          }
        });
  }

  private static Answer answer(String path, HttpExchange exchange, Supplier<Answer> answers) {
    if (!exchange.getRequestURI().getPath().equals(path)) {
      return Answer.text(404, "text/plain", "there is nothing here\n");
    }
    if (!exchange.getRequestMethod().equals("GET") && !exchange.getRequestMethod().equals("HEAD")) {
      return Answer.text(405, "text/plain", "only GET\n");
    }
    // A page of another site must not read this one by giving a name of its own to this address.
    String host = String.valueOf(exchange.getRequestHeaders().getFirst("Host"));
    if (!host.matches("(127\\.0\\.0\\.1|localhost|\\[::1\\])(:\\d+)?")) {
      return Answer.text(403, "text/plain", "only as localhost\n");
    }
    try {
      return answers.get();
    } catch (RuntimeException e) {
      return Answer.text(500, "text/plain", "internal error, reference " + Errors.logged(e) + "\n");
    }
  }

  private static void send(HttpExchange exchange, Answer answer) throws IOException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Type", answer.type());
    headers.set("Cache-Control", "no-store");
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src"
            + " 'self'");
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(answer.status(), head ? -1 : answer.body().length);
    if (!head) {
      exchange.getResponseBody().write(answer.body());
    }
  }

  int port() {
    return server.getAddress().getPort();
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}

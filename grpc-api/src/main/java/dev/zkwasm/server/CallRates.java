package dev.zkwasm.server;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Counts the calls of each client: no more than so many in a second (a token bucket that holds two
 * seconds' worth), and none for a while after too many wrong ones. Thread-safe.
 */
final class CallRates {
  private static final double BURST_SECONDS = 2;
  private static final long BLOCKED_NANOS = TimeUnit.MINUTES.toNanos(5);

  /** Clients remembered; whoever has not called for longest is forgotten first. */
  private static final int CLIENTS = 10_000;

  private final double perSecond;
  private final int badPerMinute;
  private final LongSupplier nanos;

  private final Map<String, Client> clients =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Client> eldest) {
          return size() > CLIENTS;
        }
      };

  private static final class Client {
    double tokens;
    double bad;
    long since;
    boolean blocked;
    long blockedAt;
  }

  CallRates(double perSecond, int badPerMinute, LongSupplier nanos) {
    this.perSecond = perSecond;
    this.badPerMinute = badPerMinute;
    this.nanos = nanos;
  }

  /**
   * Takes a call.
   *
   * @throws io.grpc.StatusRuntimeException RESOURCE_EXHAUSTED if it is one too many,
   *     PERMISSION_DENIED if the client is blocked
   */
  synchronized void take(String name) {
    Client client = client(name);
    if (client.blocked) {
      throw io.grpc.Status.PERMISSION_DENIED
          .withDescription(
              "refused for %d minutes: more than %d wrong requests in a minute"
                  .formatted(TimeUnit.NANOSECONDS.toMinutes(BLOCKED_NANOS), badPerMinute))
          .asRuntimeException();
    }
    if (client.tokens < 1) {
      throw Errors.exhausted("more than %.0f calls in a second".formatted(perSecond));
    }
    client.tokens--;
  }

  /** Counts a wrong request. */
  synchronized void bad(String name) {
    Client client = client(name);
    client.bad++;
    if (!client.blocked && client.bad > badPerMinute) {
      client.blocked = true;
      client.blockedAt = nanos.getAsLong();
    }
  }

  synchronized long blocked() {
    return clients.values().stream().filter(client -> client.blocked).count();
  }

  private Client client(String name) {
    long now = nanos.getAsLong();
    Client client =
        clients.computeIfAbsent(
            name,
            n -> {
              Client fresh = new Client();
              fresh.tokens = BURST_SECONDS * perSecond;
              fresh.since = now;
              return fresh;
            });
    double seconds = (now - client.since) * 1e-9;
    client.since = now;
    client.tokens =
        Math.min(Math.max(1, BURST_SECONDS * perSecond), client.tokens + seconds * perSecond);
    client.bad = Math.max(0, client.bad - seconds * badPerMinute / 60);
    if (client.blocked && now - client.blockedAt > BLOCKED_NANOS) {
      client.blocked = false;
      client.bad = 0;
    }
    return client;
  }
}

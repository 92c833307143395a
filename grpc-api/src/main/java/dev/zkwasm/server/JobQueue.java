package dev.zkwasm.server;

import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait. Clients share the machine: the client that has had the least proving time lately
 * goes first, and of its own jobs the one with the highest priority, then the nearest deadline,
 * then the oldest. What a client has had is forgotten by half every ten minutes. Thread-safe.
 */
final class JobQueue {
  private static final double HALF_LIFE_NANOS = TimeUnit.MINUTES.toNanos(10);

  /** Seconds below which a client without jobs is forgotten. */
  private static final double FORGOTTEN = 1e-3;

  /** What the queue goes by. */
  interface Entry {
    String client();

    int priority();

    /** Null: none. */
    @Nullable Instant deadline();

    /** Of two alike the lower goes first; no two have the same. */
    long order();
  }

  private static final Comparator<Entry> OF_ONE_CLIENT =
      Comparator.comparingInt(Entry::priority)
          .reversed()
          .thenComparing(Entry::deadline, Comparator.nullsLast(Comparator.naturalOrder()))
          .thenComparingLong(Entry::order);

  private final LongSupplier nanos;
  private final Map<String, Client> clients = new HashMap<>();
  private int size;
  private boolean closed;

  private static final class Client {
    final TreeSet<Entry> waiting = new TreeSet<>(OF_ONE_CLIENT);
    double seconds;
    long since;

    double seconds(long now) {
      return seconds * Math.exp(-Math.log(2) * (now - since) / HALF_LIFE_NANOS);
    }
  }

  /**
   * @param nanos a clock, such as {@link System#nanoTime}
   */
  JobQueue(LongSupplier nanos) {
    this.nanos = nanos;
  }

  synchronized void add(Entry entry) {
    if (client(entry.client()).waiting.add(entry)) {
      size++;
      notifyAll();
    }
  }

  private Client client(String name) {
    return clients.computeIfAbsent(
        name,
        n -> {
          Client client = new Client();
          client.since = nanos.getAsLong();
          return client;
        });
  }

  /**
   * Takes the job that is next, waiting for one.
   *
   * @return null once the queue is closed
   */
  synchronized @Nullable Entry take() throws InterruptedException {
    while (size == 0 && !closed) {
      wait();
    }
    if (closed) {
      return null;
    }
    long now = nanos.getAsLong();
    Entry next = null;
    double least = Double.POSITIVE_INFINITY;
    Iterator<Client> all = clients.values().iterator();
    while (all.hasNext()) {
      Client client = all.next();
      double seconds = client.seconds(now);
      if (client.waiting.isEmpty()) {
        if (seconds < FORGOTTEN) {
          all.remove();
        }
        continue;
      }
      Entry first = client.waiting.first();
      if (next == null || seconds < least || (seconds == least && first.order() < next.order())) {
        next = first;
        least = seconds;
      }
    }
    remove(java.util.Objects.requireNonNull(next));
    return next;
  }

  /** Whether it was waiting. */
  synchronized boolean remove(Entry entry) {
    Client client = clients.get(entry.client());
    boolean removed = client != null && client.waiting.remove(entry);
    if (removed) {
      size--;
    }
    return removed;
  }

  /** Counts time that a client's job has been worked on. */
  synchronized void charge(String name, double seconds) {
    Client client = client(name);
    long now = nanos.getAsLong();
    client.seconds = client.seconds(now) + seconds;
    client.since = now;
  }

  synchronized int size() {
    return size;
  }

  synchronized int size(String name) {
    Client client = clients.get(name);
    return client == null ? 0 : client.waiting.size();
  }

  /** Lets who waits go, with nothing. */
  synchronized void close() {
    closed = true;
    notifyAll();
  }
}

package dev.zkwasm.server;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Jobs that wait. Clients share the machine: the client that has had the least proving time lately
 * goes first, jobs under way counted as far as they have come, and of its own jobs the one with the
 * highest priority, then the nearest deadline, then the oldest. What a client has had is forgotten
 * by half every ten minutes. Thread-safe.
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

  /** When the jobs under way were taken. */
  private final Map<Entry, Long> taken = new IdentityHashMap<>();

  private int size;
  private boolean closed;

  private static final class Client {
    final TreeSet<Entry> waiting = new TreeSet<>(OF_ONE_CLIENT);

    /** Of its jobs under way when each was taken. */
    final List<Long> begun = new ArrayList<>();

    /** What its jobs that are done had taken at that time. */
    double seconds;

    long since;

    double done(long now) {
      return seconds * Math.exp(-Math.log(2) * (now - since) / HALF_LIFE_NANOS);
    }

    double seconds(long now) {
      return done(now) + begun.stream().mapToDouble(each -> (now - each) * 1e-9).sum();
    }

    /** Goes before another that has had the same. */
    boolean isBefore(Client other) {
      return begun.size() != other.begun.size()
          ? begun.size() < other.begun.size()
          : waiting.first().order() < other.waiting.first().order();
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
   * Takes the job that is next, waiting for one. It is under way until it is {@link #done}.
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
    Client next = null;
    double least = Double.POSITIVE_INFINITY;
    Iterator<Client> all = clients.values().iterator();
    while (all.hasNext()) {
      Client client = all.next();
      double seconds = client.seconds(now);
      if (client.waiting.isEmpty()) {
        if (client.begun.isEmpty() && seconds < FORGOTTEN) {
          all.remove();
        }
        continue;
      }
      if (next == null || seconds < least || (seconds == least && client.isBefore(next))) {
        next = client;
        least = seconds;
      }
    }
    Client client = Objects.requireNonNull(next);
    Entry first = client.waiting.first();
    remove(first);
    client.begun.add(now);
    taken.put(first, now);
    return first;
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

  /** A job that was taken is not worked on any more. */
  synchronized void done(Entry entry) {
    Long begun = taken.remove(entry);
    if (begun == null) {
      throw new IllegalStateException("was not taken");
    }
    Client client = client(entry.client());
    client.begun.remove(begun);
    long now = nanos.getAsLong();
    client.seconds = client.done(now) + (now - begun) * 1e-9;
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

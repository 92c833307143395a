package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.RetryInfo;
import dev.zkwasm.proto.v1.GetJobRequest;
import dev.zkwasm.proto.v1.Job;
import dev.zkwasm.proto.v1.Operation;
import dev.zkwasm.proto.v1.ProverGrpc;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.SubmitOperationRequest;
import dev.zkwasm.proto.v1.WatchJobRequest;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Loads a node, a real process on real sockets, with more submissions than it can work on, while
 * many clients watch and ask. Every submission is admitted, and its job ends, or is refused with
 * the time to try again; every watcher sees the end of its job.
 *
 * <p>Calls are made at their time whether or not those before have been answered, and their latency
 * counts from that time, so that a node that stalls does not look fast.
 */
class LoadTest {
  private static final int GETS_PER_SECOND = 100;

  /** Watchers follow one of so many jobs that were admitted last. */
  private static final int NEWEST = 64;

  /**
   * How much.
   *
   * @param watchers each on a connection of its own
   * @param submissions in a second
   */
  private record Load(int watchers, int submissions, int seconds) {}

  @TempDir private Path folder = Path.of("");

  @Test
  @Timeout(600)
  void moreThanItCanDo() throws Exception {
    load("100 watchers", new Load(100, 200, 3), new NodeProcess.Setup(false, 30, 64, 256, folder));
  }

  @Test
  @Tag("long")
  @Timeout(600)
  void aThousandWatchers() throws Exception {
    load(
        "1,000 watchers, proofs of 100 ms",
        new Load(1000, 200, 20),
        new NodeProcess.Setup(false, 100, 64, 256, folder));
  }

  /** All are admitted: what the store takes. */
  @Test
  @Tag("long")
  @Timeout(600)
  void aThousandWatchersOfShortJobs() throws Exception {
    load(
        "1,000 watchers, proofs of 1 ms, a long queue",
        new Load(1000, 200, 20),
        new NodeProcess.Setup(false, 1, 10_000, 256, folder));
  }

  @Test
  @Tag("long")
  @Timeout(600)
  void aThousandWatchersOfRealProofs() throws Exception {
    load(
        "1,000 watchers, the prover",
        new Load(1000, 200, 20),
        new NodeProcess.Setup(true, 0, 16, 2048, folder.resolve("keys")));
  }

  private void load(String name, Load load, NodeProcess.Setup setup) throws Exception {
    try (NodeProcess node = NodeProcess.start(folder.resolve("node"), setup)) {
      // What a node does in its first seconds is compiling itself.
      try (Run warmUp = new Run(node, new Load(10, load.submissions, 1 + load.seconds / 5))) {
        warmUp.go();
      }
      try (Run run = new Run(node, load)) {
        run.go();
        run.print(name);
        run.check();
      }
    }
  }

  /** One run: the clients, and what they saw. */
  private static final class Run implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final NodeProcess node;
    private final Load load;
    private final ByteString extension;
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(1);
    private final List<ManagedChannel> channels = new ArrayList<>();

    /** Of all calls under way, of all watchers, and of this. */
    private final Phaser open = new Phaser(1);

    private final List<String> admitted = new ArrayList<>();
    private final Map<String, Job> ended = new ConcurrentHashMap<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final Latencies admissions = new Latencies();
    private final Latencies refusals = new Latencies();
    private final Latencies gets = new Latencies();
    private final AtomicIntegerArray ends;
    private final AtomicInteger watching = new AtomicInteger();
    private final AtomicLong updates = new AtomicLong();
    private int sent;
    private long samples;
    private long watchingSum;
    private int watchingMost;
    private volatile boolean over;

    Run(NodeProcess node, Load load) throws InterruptedException {
      this.node = node;
      this.load = load;
      this.ends = new AtomicIntegerArray(load.watchers);
      this.extension =
          node.client()
              .register(node.setup().module(), Metadata.getDefaultInstance())
              .getExtensionId();
      // The last two are for submissions and questions.
      for (int i = 0; i < load.watchers + 2; i++) {
        channels.add(node.channel().build());
      }
      channels.forEach(channel -> channel.getState(true));
      for (ManagedChannel channel : channels) {
        for (int i = 0; i < 6000 && channel.getState(true) != ConnectivityState.READY; i++) {
          TimeUnit.MILLISECONDS.sleep(5);
        }
        assertEquals(ConnectivityState.READY, channel.getState(false));
      }
    }

    private ProverGrpc.ProverStub stub(int channel) {
      return ProverGrpc.newStub(channels.get(channel));
    }

    void go() throws Exception {
      every(1e9 / load.submissions, this::submit);
      every(1e9 / GETS_PER_SECOND, this::get);
      every(
          1e8,
          at -> {
            int now = watching.get();
            samples++;
            watchingSum += now;
            watchingMost = Math.max(watchingMost, now);
          });
      open.bulkRegister(load.watchers);
      for (int i = 0; i < load.watchers; i++) {
        watch(i);
      }
      TimeUnit.SECONDS.sleep(load.seconds);
      over = true;
      open.awaitAdvanceInterruptibly(open.arrive(), 120, TimeUnit.SECONDS);
      for (String job : admitted) {
        if (!ended.containsKey(job)) {
          ended.put(job, node.client().watch(job, j -> {}));
        }
      }
    }

    /** Does something at even times, which it is given, from now on until the load is over. */
    private void every(double periodNanos, LongConsumer action) {
      long begin = System.nanoTime();
      long[] count = new long[1];
      clock.scheduleAtFixedRate(
          () -> {
            if (!over) {
              action.accept(begin + (long) (periodNanos * count[0]++));
            }
          },
          0,
          (long) periodNanos,
          TimeUnit.NANOSECONDS);
    }

    private void submit(long at) {
      sent++;
      SubmitOperationRequest request =
          SubmitOperationRequest.newBuilder()
              .setOperation(
                  Operation.newBuilder()
                      .setExtensionId(extension)
                      .setTo(ByteString.copyFrom(new byte[20]))
                      .setGas(1000)
                      .setData(ByteString.copyFromUtf8("load " + NUMBER.incrementAndGet()))
                      .setBlockHash(ByteString.copyFrom(new byte[32])))
              .setProcessedBlockHash(ByteString.copyFrom(new byte[32]))
              .setFeeRecipient(ByteString.copyFrom(new byte[20]))
              .build();
      open.register();
      stub(load.watchers)
          .submitOperation(
              request,
              new Answer<>() {
                @Override
                public void onNext(Job job) {
                  admissions.add(at);
                  synchronized (admitted) {
                    admitted.add(job.getJobId());
                  }
                }

                @Override
                void failed(Throwable t) {
                  refusals.add(at);
                  if (Status.fromThrowable(t).getCode() != Status.Code.RESOURCE_EXHAUSTED
                      || !saysWhenToTryAgain(t)) {
                    wrong.add("submission: " + t);
                  }
                }

                @Override
                void ended() {
                  open.arriveAndDeregister();
                }
              });
    }

    private static boolean saysWhenToTryAgain(Throwable t) {
      com.google.rpc.Status status = StatusProto.fromThrowable(t);
      try {
        for (Any detail : status == null ? List.<Any>of() : status.getDetailsList()) {
          if (detail.is(RetryInfo.class)
              && detail.unpack(RetryInfo.class).getRetryDelay().getSeconds() > 0) {
            return true;
          }
        }
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException(e);
      }
      return false;
    }

    /** One of the newest jobs; empty if there is none. */
    private String someJob() {
      synchronized (admitted) {
        int size = admitted.size();
        return size == 0
            ? ""
            : admitted.get(size - 1 - ThreadLocalRandom.current().nextInt(Math.min(size, NEWEST)));
      }
    }

    private void get(long at) {
      String job = someJob();
      if (job.isEmpty()) {
        return;
      }
      open.register();
      stub(load.watchers + 1)
          .getJob(
              GetJobRequest.newBuilder().setJobId(job).build(),
              new Answer<>() {
                @Override
                public void onNext(Job answer) {
                  gets.add(at);
                }

                @Override
                void failed(Throwable t) {
                  wrong.add("question: " + t);
                }

                @Override
                void ended() {
                  open.arriveAndDeregister();
                }
              });
    }

    /** Watches one job to its end, and then, until the load is over, another. */
    private void watch(int watcher) {
      String id = someJob();
      if (id.isEmpty()) {
        clock.schedule(() -> watch(watcher), 5, TimeUnit.MILLISECONDS);
        return;
      }
      watching.incrementAndGet();
      stub(watcher)
          .watchJob(
              WatchJobRequest.newBuilder().setJobId(id).build(),
              new Answer<>() {
                private Job last = Job.getDefaultInstance();

                @Override
                public void onNext(Job job) {
                  updates.incrementAndGet();
                  if (job.getState().getNumber() < last.getState().getNumber()) {
                    wrong.add("back from %s to %s".formatted(last.getState(), job.getState()));
                  }
                  last = job;
                }

                @Override
                void failed(Throwable t) {
                  wrong.add("watcher: " + t);
                }

                @Override
                void ended() {
                  watching.decrementAndGet();
                  Job before = ended.put(id, last);
                  if (before != null && !before.equals(last)) {
                    wrong.add("ended as %s and as %s".formatted(before, last));
                  }
                  ends.incrementAndGet(watcher);
                  if (over) {
                    open.arriveAndDeregister();
                  } else {
                    clock.schedule(() -> watch(watcher), 10, TimeUnit.MILLISECONDS);
                  }
                }
              });
    }

    void print(String name) {
      double seconds = load.seconds;
      System.out.printf(
          "LoadTest, %s: %d submissions in %d s, %d admitted, %d refused; %.0f streams watched at a"
              + " time (most %d), %d seen to their end, %.0f updates/s%n",
          name,
          sent,
          load.seconds,
          admissions.count(),
          refusals.count(),
          (double) watchingSum / samples,
          watchingMost,
          IntStream.range(0, load.watchers).map(ends::get).sum(),
          updates.get() / seconds);
      System.out.println("  SubmitOperation, admitted " + admissions);
      System.out.println("  SubmitOperation, refused  " + refusals);
      System.out.println("  GetJob                    " + gets);
    }

    void check() {
      assertEquals(List.of(), wrong.stream().limit(10).toList());
      assertEquals(sent, admissions.count() + refusals.count());
      assertEquals(admitted.size(), ended.size());
      assertTrue(
          ended.values().stream().allMatch(job -> job.getState() == Job.State.SUCCEEDED),
          "an admitted job did not succeed");
      assertTrue(admissions.count() > 0, "nothing was admitted");
      assertTrue(gets.count() > 0, "nothing was asked");
      assertTrue(
          IntStream.range(0, load.watchers).allMatch(i -> ends.get(i) > 0), "a watcher saw no end");
    }

    @Override
    public void close() throws InterruptedException {
      over = true;
      clock.shutdownNow();
      channels.forEach(ManagedChannel::shutdownNow);
      for (ManagedChannel channel : channels) {
        assertTrue(channel.awaitTermination(10, TimeUnit.SECONDS));
      }
    }
  }

  /** Hears of one call; its end is told once, however it came. */
  private abstract static class Answer<T> implements StreamObserver<T> {
    abstract void failed(Throwable t);

    abstract void ended();

    @Override
    public final void onError(Throwable t) {
      failed(t);
      ended();
    }

    @Override
    public final void onCompleted() {
      ended();
    }
  }

  /** Times from when calls were due until they were answered. */
  private static final class Latencies {
    private final List<Long> nanos = new ArrayList<>();

    synchronized void add(long due) {
      nanos.add(System.nanoTime() - due);
    }

    synchronized int count() {
      return nanos.size();
    }

    @Override
    public synchronized String toString() {
      long[] sorted = nanos.stream().mapToLong(each -> each).sorted().toArray();
      if (sorted.length == 0) {
        return "none";
      }
      return "%6d calls, ms: p50 %.1f, p90 %.1f, p99 %.1f, p99.9 %.1f, most %.1f"
          .formatted(
              sorted.length,
              at(sorted, 0.5),
              at(sorted, 0.9),
              at(sorted, 0.99),
              at(sorted, 0.999),
              at(sorted, 1));
    }

    private static double at(long[] sorted, double part) {
      return sorted[(int) Math.ceil(part * sorted.length) - 1] * 1e-6;
    }
  }
}

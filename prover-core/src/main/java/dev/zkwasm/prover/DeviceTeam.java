package dev.zkwasm.prover;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ProofLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.ObjIntConsumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * The devices that share a proof. Each has some of the instances; the first is the coordinator's
 * too, and has everything that is not an instance's. What instances add up is added on each device
 * first, so that one vector per device travels through the host. Sums in a field are exact and the
 * randomness of a proof knows nothing of devices, so a proof's bytes depend on neither their number
 * nor who has what.
 *
 * <p>With one device all work is done by the calling thread.
 */
final class DeviceTeam {
  /** What the coordinator's own work costs, in columns of the largest height. */
  private static final long COORDINATOR_COLUMNS = 8;

  private final List<Committer> committers;
  private final int[] deviceOf;

  /**
   * A team for a proof.
   *
   * @param committers one per device, all of one reference string; the first is the coordinator's
   */
  DeviceTeam(List<Committer> committers, ProofLayout layout) {
    this.committers = committers;
    this.deviceOf = assign(layout, committers.size());
  }

  /**
   * Gives the instances out: those of a height go, the largest first, each to the device with the
   * least cells of that height, among those to the one with the least in all. So devices end
   * together where they wait for each other, which is at the end of a height.
   *
   * @return the device of each instance
   */
  static int[] assign(ProofLayout layout, int devices) {
    List<ProofLayout.Part> parts = new ArrayList<>(layout.parts());
    parts.sort(
        Comparator.comparingInt((ProofLayout.Part p) -> p.instance().log())
            .thenComparingLong(DeviceTeam::cells)
            .reversed());
    int[] deviceOf = new int[parts.size()];
    long[] total = new long[devices];
    long[] ofHeight = new long[devices];
    total[0] = COORDINATOR_COLUMNS << layout.maxLog();
    int log = -1;
    for (ProofLayout.Part part : parts) {
      if (part.instance().log() != log) {
        log = part.instance().log();
        Arrays.fill(ofHeight, 0);
      }
      int least =
          IntStream.range(0, devices)
              .boxed()
              .min(
                  Comparator.comparingLong((Integer d) -> ofHeight[d])
                      .thenComparingLong(d -> total[d]))
              .orElseThrow();
      deviceOf[part.index()] = least;
      ofHeight[least] += cells(part);
      total[least] += cells(part);
    }
    return deviceOf;
  }

  private static long cells(ProofLayout.Part part) {
    return (long) part.table().slots() << part.instance().log();
  }

  /** What commits on the device of an instance. */
  Committer committer(int instance) {
    return committers.get(deviceOf[instance]);
  }

  /** The device of an instance. */
  ComputeBackend device(int instance) {
    return committer(instance).backend();
  }

  /** What commits for the coordinator. */
  Committer coordinator() {
    return committers.getFirst();
  }

  /** The devices of some instances, each with its instances in order. */
  Map<ComputeBackend, List<Integer>> byDevice(List<Integer> instances) {
    Map<ComputeBackend, List<Integer>> groups = new LinkedHashMap<>();
    for (int i : instances) {
      groups.computeIfAbsent(device(i), b -> new ArrayList<>()).add(i);
    }
    return groups;
  }

  /**
   * Work of an instance's prover, or another device's.
   *
   * @param device where it is done
   */
  record Task<T>(ComputeBackend device, Supplier<T> work) {}

  /** The work of each of some instances. */
  <T> List<Task<T>> tasks(List<Integer> instances, IntFunction<T> work) {
    return instances.stream().map(i -> new Task<>(device(i), () -> work.apply(i))).toList();
  }

  /**
   * Does tasks, those of a device in order, those of several at the same time. Returns, or throws,
   * when none is at work any more.
   *
   * @param done takes the results in order, on the calling thread
   * @throws DeviceException if a device fails
   */
  <T> void run(List<Task<T>> tasks, Consumer<? super T> done) {
    if (tasks.stream().map(Task::device).distinct().count() <= 1) {
      tasks.forEach(task -> done.accept(result(task)));
      return;
    }
    List<CompletableFuture<T>> results =
        tasks.stream().map(task -> new CompletableFuture<T>()).toList();
    Map<ComputeBackend, List<Integer>> queues = new LinkedHashMap<>();
    for (int k = 0; k < tasks.size(); k++) {
      queues.computeIfAbsent(tasks.get(k).device(), d -> new ArrayList<>()).add(k);
    }
    try (ExecutorService threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofPlatform().daemon().name("prover-device-", 0).factory())) {
      boolean complete = false;
      try {
        for (List<Integer> queue : queues.values()) {
          threads.execute(() -> queue.forEach(k -> complete(results.get(k), tasks.get(k))));
        }
        results.forEach(result -> done.accept(await(result)));
        complete = true;
      } finally {
        if (!complete) {
          threads.shutdownNow();
        }
      }
    }
  }

  private static <T> void complete(CompletableFuture<T> future, Task<T> task) {
    if (Thread.currentThread().isInterrupted()) {
      future.completeExceptionally(new CancellationException("interrupted"));
      return;
    }
    try {
      future.complete(result(task));
    } catch (RuntimeException | Error e) {
      future.completeExceptionally(e);
    }
  }

  private static <T> T result(Task<T> task) {
    try {
      return task.work().get();
    } catch (DeviceException e) {
      throw e;
    } catch (BackendException e) {
      throw new DeviceException(task.device(), e);
    }
  }

  private static <T> T await(CompletableFuture<T> result) {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException cause -> throw cause;
        case Error cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /**
   * Lets instances add to a vector of the coordinator.
   *
   * @param sum the vector
   * @param add makes an instance add to a vector on its own device, as long as {@code sum}
   */
  void gather(List<Integer> instances, DeviceBuffer sum, ObjIntConsumer<DeviceBuffer> add) {
    ComputeBackend home = coordinator().backend();
    List<Task<FrVector>> tasks = new ArrayList<>();
    byDevice(instances)
        .forEach(
            (device, some) ->
                tasks.add(
                    new Task<>(
                        device,
                        () -> {
                          if (device.equals(home)) {
                            some.forEach(i -> add.accept(sum, i));
                            return new FrVector(0);
                          }
                          try (DeviceBuffer own = device.allocate(sum.size())) {
                            some.forEach(i -> add.accept(own, i));
                            return device.download(own);
                          }
                        })));
    List<FrVector> parts = new ArrayList<>();
    run(tasks, parts::add);
    for (FrVector part : parts) {
      if (part.size() > 0) {
        add(home, sum, part);
      }
    }
  }

  /** Adds a vector that came from another device. */
  static void add(ComputeBackend backend, DeviceBuffer sum, FrVector part) {
    try (DeviceBuffer here = backend.upload(new TypedVector.Field(part))) {
      backend.addScaled(sum, 0, 1, Fr.ONE, here);
    }
  }
}

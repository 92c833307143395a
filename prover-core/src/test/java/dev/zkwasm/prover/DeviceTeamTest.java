package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.ProofLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeviceTeamTest {
  private final List<ComputeBackend> backends = new ArrayList<>();
  private final List<Committer> committers = new ArrayList<>();

  private void open(int devices) {
    for (int d = 0; d < devices; d++) {
      ComputeBackend backend = Backends.open("cpu", new BackendOptions(1));
      backends.add(backend);
      committers.add(new Committer(backend, ToyProof.COMMITTER.srs()));
    }
  }

  @AfterEach
  void close() {
    committers.forEach(Committer::close);
    backends.forEach(ComputeBackend::close);
    committers.clear();
    backends.clear();
  }

  private static ProofLayout layout(int... logs) {
    int table =
        IntStream.range(0, ToyProof.TOY.system.tables().size())
            .filter(t -> ToyProof.TOY.system.table(t).helpers() > 0)
            .findFirst()
            .orElseThrow();
    return new ProofLayout(
        ToyProof.TOY.system, IntStream.of(logs).mapToObj(log -> new Instance(table, log)).toList());
  }

  /** The same bytes on any number of devices, more than there are instances included. */
  @Test
  void aProofDoesNotDependOnTheDevices() {
    ToyProof toy = ToyProof.FIRST;
    for (int devices : new int[] {2, 3, 9}) {
      open(devices);
      byte[] proof =
          new Prover(ToyProof.TOY.system, committers, ToyProof.KEY)
              .prove(
                  toy.header,
                  toy.statement,
                  toy.run.tables(),
                  ProverOptions.DEFAULT.withSeed(ToyProof.seed(1)))
              .proof();
      assertArrayEquals(toy.proof, proof, devices + " devices");
      close();
    }
  }

  /** Instances of a height are spread evenly; the coordinator's device gets less of the rest. */
  @Test
  void instancesGoToTheLeastLoaded() {
    ProofLayout layout = layout(10, 10, 10, 10, 9, 9, 5);
    int[] deviceOf = DeviceTeam.assign(layout, 2);
    for (int log : new int[] {10, 9}) {
      int[] counts = new int[2];
      for (ProofLayout.Part part : layout.parts()) {
        if (part.instance().log() == log) {
          counts[deviceOf[part.index()]]++;
        }
      }
      assertEquals(counts[0], counts[1], "height 2^" + log);
    }
    assertEquals(1, deviceOf[6], "the device without the coordinator's work");
    assertArrayEquals(new int[7], DeviceTeam.assign(layout, 1));
  }

  /** Tasks of several devices run at the same time; results come in order. */
  @Test
  void devicesWorkAtTheSameTime() {
    open(2);
    DeviceTeam team = new DeviceTeam(committers, layout(5, 5));
    CountDownLatch both = new CountDownLatch(2);
    List<Integer> results = new ArrayList<>();
    team.run(
        team.tasks(
            List.of(0, 1),
            i -> {
              both.countDown();
              try {
                both.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              return i;
            }),
        results::add);
    assertEquals(List.of(0, 1), results);
  }

  /** A failure ends the others' work before it is thrown. */
  @Test
  void aFailureStopsTheOthers() {
    open(2);
    DeviceTeam team = new DeviceTeam(committers, layout(5, 5));
    int first = team.device(0).equals(backends.getFirst()) ? 0 : 1;
    CountDownLatch never = new CountDownLatch(1);
    AtomicInteger ended = new AtomicInteger();
    IllegalStateException failure =
        assertThrows(
            IllegalStateException.class,
            () ->
                team.run(
                    team.tasks(
                        List.of(first, 1 - first),
                        i -> {
                          if (i == first) {
                            throw new IllegalStateException("broken");
                          }
                          try {
                            never.await();
                          } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                          }
                          return ended.incrementAndGet();
                        }),
                    result -> {}));
    assertEquals("broken", failure.getMessage());
    // It may also have been stopped before it began.
    assertTrue(ended.get() <= 1);
    Thread.currentThread().interrupt();
    try {
      assertThrows(
          CancellationException.class,
          () -> team.run(team.tasks(List.of(0, 1), i -> i), result -> {}));
    } finally {
      Thread.interrupted();
    }
  }
}

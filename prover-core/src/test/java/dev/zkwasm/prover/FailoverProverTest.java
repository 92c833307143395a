package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.ForwardingBackend;
import dev.zkwasm.curve.G1;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Devices that compute wrongly, or stop, for so many proofs. */
class FailoverProverTest {
  private enum Fault {
    WRONG_SUM,
    EXCEPTION
  }

  /** Spoils the first commitment of a buffer in each of the next proofs. */
  private static final class Faulty extends ForwardingBackend {
    private final String name;
    private final Fault fault;
    private int faults;

    Faulty(String name, Fault fault, int faults) {
      super(ToyProof.BACKEND);
      this.name = name;
      this.fault = fault;
      this.faults = faults;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String description() {
      return "faulty";
    }

    @Override
    public G1 msm(Bases bases, DeviceBuffer scalars) {
      G1 sum = super.msm(bases, scalars);
      if (faults == 0) {
        return sum;
      }
      faults--;
      if (fault == Fault.EXCEPTION) {
        throw new BackendException("faulty: out of order");
      }
      return sum.add(G1.GENERATOR);
    }
  }

  private final AtomicInteger opened = new AtomicInteger();

  private FailoverProver prover(Committer... committers) {
    return prover(List.of(committers));
  }

  private FailoverProver prover(List<Committer> committers) {
    return new FailoverProver(
        ToyProof.TOY.system,
        committers,
        ToyProof.KEY,
        () -> {
          opened.incrementAndGet();
          return Backends.open("cpu", new BackendOptions(1));
        });
  }

  private static byte[] prove(FailoverProver prover) {
    ToyProof toy = ToyProof.FIRST;
    ProverOptions options = ProverOptions.DEFAULT.withSeed(ToyProof.seed(1));
    return prover.prove(toy.header, toy.statement, toy.run.tables(), options).proof();
  }

  @Test
  void oneFaultIsTriedAgain() {
    for (Fault fault : Fault.values()) {
      try (Committer committer =
              new Committer(new Faulty("gpu", fault, 1), ToyProof.COMMITTER.srs());
          FailoverProver prover = prover(committer)) {
        assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
        assertTrue(prover.devices().getFirst().isHealthy());
        assertEquals(0, opened.get());
      }
    }
  }

  @Test
  void twoFaultsMoveTheWorkToTheCpu() {
    for (Fault fault : Fault.values()) {
      opened.set(0);
      try (Committer committer =
              new Committer(new Faulty("gpu", fault, Integer.MAX_VALUE), ToyProof.COMMITTER.srs());
          FailoverProver prover = prover(committer)) {
        assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
        assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
        DeviceHealth health = prover.devices().getFirst();
        assertEquals("gpu", health.backend());
        assertEquals("faulty", health.device());
        assertEquals(
            fault == Fault.EXCEPTION ? DeviceHealth.State.FAILED : DeviceHealth.State.INVALID_PROOF,
            health.state());
        assertTrue(
            health.detail().contains(fault == Fault.EXCEPTION ? "out of order" : "not verify"),
            health.detail());
        assertEquals(1, opened.get());
      }
    }
  }

  /** Of several devices the one that fails is left out; the others go on. */
  @Test
  void theOthersGoOnWithoutTheOneThatFails() {
    for (int bad = 0; bad < 3; bad++) {
      List<Committer> committers = new ArrayList<>();
      try (FailoverProver prover = prover(devices(committers, bad, Fault.EXCEPTION))) {
        opened.set(0);
        assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
        assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
        for (int d = 0; d < 3; d++) {
          assertEquals(d != bad, prover.devices().get(d).isHealthy(), prover.devices().toString());
        }
        assertEquals(0, opened.get());
      }
      committers.forEach(Committer::close);
    }
  }

  /** A proof that does not verify says nothing about which device it was. */
  @Test
  void aWrongProofOfSeveralDevicesMovesToTheCpu() {
    List<Committer> committers = new ArrayList<>();
    opened.set(0);
    try (FailoverProver prover = prover(devices(committers, 1, Fault.WRONG_SUM))) {
      assertArrayEquals(ToyProof.FIRST.proof, prove(prover));
      assertTrue(
          prover.devices().stream().allMatch(d -> d.state() == DeviceHealth.State.INVALID_PROOF));
      assertEquals(1, opened.get());
    }
    committers.forEach(Committer::close);
  }

  /** Three devices, one of which has a fault for good. */
  private static List<Committer> devices(List<Committer> committers, int bad, Fault fault) {
    for (int d = 0; d < 3; d++) {
      Faulty backend = new Faulty("gpu", fault, d == bad ? Integer.MAX_VALUE : 0);
      committers.add(new Committer(backend, ToyProof.COMMITTER.srs()));
    }
    return committers;
  }

  @Test
  void aFaultOfTheCpuIsAnError() {
    try (Committer committer =
            new Committer(new Faulty("cpu", Fault.WRONG_SUM, 1), ToyProof.COMMITTER.srs());
        FailoverProver prover = prover(committer)) {
      assertThrows(ProverException.class, () -> prove(prover));
      assertEquals(0, opened.get());
    }
  }
}

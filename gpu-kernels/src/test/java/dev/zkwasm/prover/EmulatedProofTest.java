package dev.zkwasm.prover;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.compute.BackendException;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.cuda.EmulatedBackend;
import dev.zkwasm.keys.ProgramHeader;
import dev.zkwasm.keys.VerifyingKey;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

/** Whole proofs, keys included, by the GPU's kernels on the emulated grid. */
class EmulatedProofTest {
  /** Devices with a committer each. */
  private static final class Devices implements AutoCloseable {
    final List<EmulatedBackend> emulated = new ArrayList<>();
    final List<Committer> committers = new ArrayList<>();

    Devices(int count, Collection<PointwiseProgram> programs) {
      for (int i = 0; i < count; i++) {
        EmulatedBackend one = new EmulatedBackend(programs);
        emulated.add(one);
        committers.add(new Committer(one.backend(), ToyProof.COMMITTER.srs()));
      }
    }

    byte[] prove() {
      ToyProof toy = ToyProof.FIRST;
      return new Prover(ToyProof.TOY.system, committers, ToyProof.KEY)
          .prove(
              toy.header,
              toy.statement,
              toy.run.tables(),
              ProverOptions.DEFAULT.withSeed(ToyProof.seed(1)))
          .proof();
    }

    @Override
    public void close() {
      committers.forEach(Committer::close);
      for (EmulatedBackend one : emulated) {
        assertEquals(0, one.usedMemory(), "memory is given back");
        one.backend().close();
      }
    }
  }

  /** With kernels generated from the toy's programs; nothing is interpreted. */
  @Test
  void keysAndProofAreThoseOfTheCpu() {
    Collection<PointwiseProgram> programs = ProverPrograms.of(ToyProof.TOY.system).values();
    try (Devices devices = new Devices(1, programs)) {
      KeyGenerator keys = new KeyGenerator(ToyProof.TOY.system, devices.committers.getFirst());
      VerifyingKey key = keys.verifyingKey();
      assertEquals(hex(ToyProof.KEY.digest()), hex(key.digest()));
      ProgramHeader header = keys.programKey(ToyProof.FIRST.run.program).header();
      assertEquals(hex(ToyProof.FIRST.header.digest()), hex(header.digest()));
      assertArrayEquals(ToyProof.FIRST.proof, devices.prove());
      EmulatedBackend device = devices.emulated.getFirst();
      assertEquals(0, device.interpretations());
      assertTrue(programs.stream().mapToLong(device::launches).sum() > 0);
    }
  }

  /** Programs are interpreted where there is no kernel. */
  @Test
  void proofsOfSeveralDevicesAreThoseOfTheCpu() {
    for (int count = 1; count <= 3; count++) {
      try (Devices devices = new Devices(count, List.of())) {
        assertArrayEquals(ToyProof.FIRST.proof, devices.prove(), count + " devices");
        for (EmulatedBackend device : devices.emulated) {
          assertTrue(device.interpretations() > 0, "a device has nothing to do");
        }
      }
    }
  }

  /**
   * Failures and cancellations here and there in a proof on two devices: the device that failed is
   * named, and no memory stays in use.
   */
  @Test
  void whatEndsAProofLeavesNothing() {
    try (Devices devices = new Devices(2, List.of())) {
      devices.prove();
      List<Long> used = devices.emulated.stream().map(EmulatedBackend::usedMemory).toList();
      devices.emulated.forEach(d -> d.expect(0, () -> {}));
      devices.prove();
      List<Long> calls = devices.emulated.stream().map(EmulatedBackend::calls).toList();
      Thread caller = Thread.currentThread();
      for (int part = 0; part < 6; part++) {
        EmulatedBackend device = devices.emulated.get(part % 2);
        long at = 1 + calls.get(part % 2) * (2L * part + 1) / 12;
        device.expect(
            at,
            () -> {
              throw new BackendException("injected");
            });
        BackendException failure =
            assertThrows(BackendException.class, devices::prove, "call " + at);
        assertEquals("injected", failure.getMessage());
        if (part % 2 == 1) {
          DeviceException named = (DeviceException) failure;
          assertSame(device.backend(), named.device());
        }
        assertEquals(used, devices.emulated.stream().map(EmulatedBackend::usedMemory).toList());
        device.expect(at, caller::interrupt);
        try {
          assertThrows(CancellationException.class, devices::prove, "call " + at);
        } finally {
          Thread.interrupted();
        }
        assertEquals(used, devices.emulated.stream().map(EmulatedBackend::usedMemory).toList());
        device.expect(0, () -> {});
      }
    }
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

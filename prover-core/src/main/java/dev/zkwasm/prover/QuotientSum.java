package dev.zkwasm.prover;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The sum of the constraints of the instances of one height N, on its way to become part of the
 * quotient: values on {@link Cosets}, and the leading coefficients.
 */
final class QuotientSum implements PerDevice.Freed {
  private final ComputeBackend backend;
  private final Cosets cosets;
  private final Buffers memory;
  private final List<DeviceBuffer> values = new ArrayList<>();
  private final List<Fr> tail = new ArrayList<>(Collections.nCopies(Cosets.TAIL, Fr.ZERO));

  /** No constraints. */
  QuotientSum(ComputeBackend backend, int log) {
    this.backend = backend;
    this.cosets = new Cosets(log);
    this.memory = new Buffers(backend);
    boolean done = false;
    try {
      for (int j = 0; j < Cosets.COUNT; j++) {
        values.add(memory.allocate(1 << log));
      }
      done = true;
    } finally {
      if (!done) {
        memory.close();
      }
    }
  }

  /**
   * Adds values of a constraint, those of rows {@code first}, {@code first + stride}, ...: row i is
   * {@code g_j w^i}.
   */
  void addValues(int j, int first, int stride, DeviceBuffer constraint) {
    backend.addScaled(values.get(j), first, stride, Fr.ONE, constraint);
  }

  /**
   * A sum on its way to another device.
   *
   * @param values per coset
   * @param tail coefficients of {@code X^(4N)} and above
   */
  record Part(List<FrVector> values, List<Fr> tail) {}

  /** What has been added up. */
  Part part() {
    return new Part(values.stream().map(backend::download).toList(), List.copyOf(tail));
  }

  /** Adds what another device has added up. */
  void add(Part part) {
    for (int j = 0; j < Cosets.COUNT; j++) {
      DeviceTeam.add(backend, values.get(j), part.values.get(j));
    }
    addLeading(part.tail);
  }

  /** Adds a constraint's coefficients of {@code X^(4N)} and above. */
  void addLeading(List<Fr> coefficients) {
    for (int i = 0; i < coefficients.size(); i++) {
      tail.set(i, tail.get(i).add(coefficients.get(i)));
    }
  }

  /**
   * Divides by {@code X^N - 1} and adds the quotient in {@code X^stride} to the pieces of the
   * proof's quotient; piece k begins with the coefficient of {@code X^(k N stride)}.
   *
   * <p>Modulo {@code X^N - g_j^N} the quotient is {@code sum_k g_j^(k N) p_k}, the tail as the last
   * piece.
   */
  void divideInto(List<DeviceBuffer> pieces, int stride) {
    for (int j = 0; j < Cosets.COUNT; j++) {
      backend.cosetIntt(values.get(j), cosets.shift(j), values.get(j));
    }
    for (int k = 0; k < Cosets.COUNT; k++) {
      Fr tailFactor = Fr.ZERO;
      for (int j = 0; j < Cosets.COUNT; j++) {
        Fr factor = cosets.interpolation(k, j);
        backend.addScaled(
            pieces.get(k), 0, stride, factor.mul(cosets.vanishing(j).inverse()), values.get(j));
        tailFactor = tailFactor.sub(factor.mul(cosets.power(j).pow(Cosets.COUNT)));
      }
      addTail(pieces.get(k), stride, tailFactor);
    }
    addTail(pieces.get(Cosets.COUNT), stride, Fr.ONE);
  }

  private void addTail(DeviceBuffer piece, int stride, Fr factor) {
    for (int i = 0; i < Cosets.TAIL; i++) {
      Fr old = backend.get(piece, i * stride);
      backend.set(piece, i * stride, old.add(tail.get(i).mul(factor)));
    }
  }

  @Override
  public void close() {
    memory.close();
  }
}

package dev.zkwasm.prover;

import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.TableLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An instance prover on a backend of this process. Between rounds it keeps the compact columns and
 * the helper columns; coefficients and values on cosets exist only while the quotient is computed.
 */
final class LocalInstanceProver implements InstanceProver {
  private final Committer committer;
  private final ComputeBackend backend;
  private final int maxLog;
  private final int log;
  private final ProofLayout.Part part;
  private final TableLayout table;
  private final TablePrograms programs;
  private final TableInstance witness;
  private final List<List<Fr>> blinders = new ArrayList<>();
  private final Buffers helperMemory;
  private final List<DeviceBuffer> helpers = new ArrayList<>();
  private List<Fr> busParameters = List.of();

  /**
   * A prover.
   *
   * @param committer commits, and has the backend
   * @param layout the proof's layout
   * @param index position of the instance in the proof
   * @param programs the compiled table
   * @param witness the filled table
   * @param blinding the randomness of the proof
   */
  LocalInstanceProver(
      Committer committer,
      ProofLayout layout,
      int index,
      TablePrograms programs,
      TableInstance witness,
      Blinding blinding) {
    this.committer = committer;
    this.backend = committer.backend();
    this.maxLog = layout.maxLog();
    this.part = layout.parts().get(index);
    this.log = part.instance().log();
    this.table = part.table();
    this.programs = programs;
    this.witness = witness;
    this.helperMemory = new Buffers(backend);
    for (int slot = 0; slot < table.slots(); slot++) {
      boolean secret =
          slot >= table.committed().size()
              || table.committed().get(slot).kind() == Column.Kind.MAIN;
      blinders.add(secret ? blinding.column(index, slot, table.usesNext(slot)) : List.of());
    }
  }

  private int height() {
    return 1 << log;
  }

  @Override
  public List<G1> commitMain() {
    List<G1> commitments = new ArrayList<>();
    for (Column column : table.main()) {
      G1 plain = committer.values(log, witness.column(column));
      commitments.add(blinded(plain, table.slot(column)));
    }
    return commitments;
  }

  private G1 blinded(G1 commitment, int slot) {
    return commitment.add(committer.blinder(maxLog, log, blinders.get(slot)));
  }

  @Override
  public Optional<List<G1>> commitHelpers(BusChallenges challenges) {
    busParameters = TablePrograms.busParameters(challenges);
    List<G1> commitments = new ArrayList<>();
    try (Buffers memory = new Buffers(backend)) {
      List<DeviceBuffer> all = new ArrayList<>();
      for (Column column : table.table().columns()) {
        all.add(memory.upload(witness.column(column)));
      }
      DeviceBuffer denominator = memory.allocate(height());
      for (int g = 0; g < table.helpers(); g++) {
        DeviceBuffer helper = helperMemory.allocate(height());
        backend.evaluate(programs.helper(g), all, busParameters, List.of(helper, denominator));
        if (!backend.batchInvert(denominator, denominator)) {
          return Optional.empty();
        }
        backend.multiply(helper, denominator, helper);
        helpers.add(helper);
        commitments.add(blinded(committer.values(log, helper), table.helperSlot(g)));
      }
    }
    return Optional.of(commitments);
  }

  @Override
  public void addHelpers(DeviceBuffer sum) {
    for (DeviceBuffer helper : helpers) {
      backend.add(sum, helper, sum);
    }
  }

  @Override
  public List<Fr> helperBlinder() {
    Fr[] sum = {Fr.ZERO, Fr.ZERO};
    for (int g = 0; g < table.helpers(); g++) {
      List<Fr> blinder = blinders.get(table.helperSlot(g));
      for (int i = 0; i < sum.length; i++) {
        sum[i] = sum[i].add(blinder.get(i));
      }
    }
    return List.of(sum);
  }

  @Override
  public void addQuotient(Fr y, DeviceBuffer values) {
    List<Fr> parameters = new ArrayList<>(busParameters);
    Fr power = y.pow(part.firstConstraint());
    for (int m = 0; m < table.constraints(); m++) {
      parameters.add(power);
      power = power.mul(y);
    }
    Cosets cosets = new Cosets(log);
    try (Buffers memory = new Buffers(backend)) {
      List<DeviceBuffer> polynomials = polynomials(memory);
      List<DeviceBuffer> onCoset = new ArrayList<>();
      DeviceBuffer unused = memory.allocate(height());
      for (int c = 0; c < polynomials.size(); c++) {
        onCoset.add(programs.uses(c) ? memory.allocate(height()) : unused);
      }
      DeviceBuffer result = memory.allocate(height());
      for (int j = 0; j < Cosets.COUNT; j++) {
        for (int c = 0; c < polynomials.size(); c++) {
          if (programs.uses(c)) {
            backend.cosetNtt(polynomials.get(c), cosets.shift(j), onCoset.get(c));
          }
        }
        backend.evaluate(programs.constraints(), onCoset, parameters, List.of(result));
        backend.addScaled(values, j, Cosets.COUNT, cosets.vanishingInverse(j), result);
      }
    }
  }

  /** Coefficients of what the constraint program looks at, blinders included, in its order. */
  private List<DeviceBuffer> polynomials(Buffers memory) {
    List<DeviceBuffer> polynomials = new ArrayList<>();
    for (Column column : table.table().columns()) {
      List<Fr> blinder =
          column.kind() == Column.Kind.INSTANCE ? List.of() : blinders.get(table.slot(column));
      try (Buffers step = new Buffers(backend)) {
        polynomials.add(coefficients(memory, step.upload(witness.column(column)), blinder));
      }
    }
    for (int g = 0; g < table.helpers(); g++) {
      polynomials.add(coefficients(memory, helpers.get(g), blinders.get(table.helperSlot(g))));
    }
    // L_i has the coefficients w^(-i j) / N.
    Fr scale = Fr.of(height()).inverse();
    DeviceBuffer first = memory.allocate(height());
    backend.powers(scale, Fr.ONE, first);
    DeviceBuffer last = memory.allocate(height());
    backend.powers(scale, Fr.rootOfUnity(log), last);
    polynomials.add(first);
    polynomials.add(last);
    return polynomials;
  }

  private DeviceBuffer coefficients(Buffers memory, DeviceBuffer values, List<Fr> blinder) {
    DeviceBuffer result = memory.allocate(height() + blinder.size());
    try (Buffers step = new Buffers(backend)) {
      DeviceBuffer plain = step.allocate(height());
      backend.intt(values, plain);
      backend.copy(plain, 0, result, 0, height());
    }
    addBlinder(backend, result, height(), blinder);
    return result;
  }

  /** Adds {@code b(X) (X^n - 1)} to coefficients. */
  static void addBlinder(
      ComputeBackend backend, DeviceBuffer coefficients, int n, List<Fr> blinder) {
    for (int i = 0; i < blinder.size(); i++) {
      Fr b = blinder.get(i);
      backend.set(coefficients, i, backend.get(coefficients, i).sub(b));
      backend.set(coefficients, n + i, backend.get(coefficients, n + i).add(b));
    }
  }

  @Override
  public List<Fr> evaluate(
      Fr point, DeviceBuffer lagrange, Fr nextPoint, DeviceBuffer nextLagrange) {
    List<Fr> evaluations = new ArrayList<>();
    for (Column column : table.committed()) {
      Fr plain = backend.innerProduct(lagrange, witness.column(column));
      evaluations.add(plain.add(blinderAt(table.slot(column), point)));
    }
    for (Column column : table.next()) {
      Fr plain = backend.innerProduct(nextLagrange, witness.column(column));
      evaluations.add(plain.add(blinderAt(table.slot(column), nextPoint)));
    }
    for (int g = 0; g < table.helpers(); g++) {
      Fr plain = backend.innerProduct(lagrange, helpers.get(g));
      evaluations.add(plain.add(blinderAt(table.helperSlot(g), point)));
    }
    return evaluations;
  }

  private Fr blinderAt(int slot, Fr point) {
    return blinderAt(blinders.get(slot), log, point);
  }

  /** {@code b(z) (z^N - 1)}. */
  static Fr blinderAt(List<Fr> blinder, int log, Fr point) {
    Fr value = Fr.ZERO;
    for (Fr b : blinder.reversed()) {
      value = value.mul(point).add(b);
    }
    return value.mul(Domain.ofLogSize(log).vanishing(point));
  }

  @Override
  public void addSlots(
      List<Integer> slots, List<Fr> factors, DeviceBuffer values, List<Fr> blinder) {
    for (int k = 0; k < slots.size(); k++) {
      int slot = slots.get(k);
      Fr factor = factors.get(k);
      if (slot < table.committed().size()) {
        try (Buffers memory = new Buffers(backend)) {
          DeviceBuffer column = memory.upload(witness.column(table.committed().get(slot)));
          backend.addScaled(values, 0, 1, factor, column);
        }
      } else {
        backend.addScaled(values, 0, 1, factor, helpers.get(slot - table.committed().size()));
      }
      addTo(blinder, factor, blinders.get(slot));
    }
  }

  /** Adds {@code factor * terms} to the first elements of {@code sums}. */
  static void addTo(List<Fr> sums, Fr factor, List<Fr> terms) {
    for (int i = 0; i < terms.size(); i++) {
      sums.set(i, sums.get(i).add(terms.get(i).mul(factor)));
    }
  }

  @Override
  public void close() {
    helperMemory.close();
    helpers.clear();
  }
}

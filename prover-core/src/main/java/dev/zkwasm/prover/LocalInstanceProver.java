package dev.zkwasm.prover;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.TableInstance;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.curve.G1;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import dev.zkwasm.proof.ProofLayout;
import dev.zkwasm.proof.ProofTranscript.BusChallenges;
import dev.zkwasm.proof.TableLayout;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * An instance prover on a backend of this process. Between rounds it keeps the compact columns and
 * the helper columns; coefficients and values on cosets exist only while the quotient is computed.
 */
final class LocalInstanceProver implements InstanceProver {
  /** Rows of helper columns that are made at a time: their fractions are many. */
  private static final int HELPER_ROWS = 1 << 16;

  /** Values on a coset that are there at a time: half a gigabyte. */
  private static final long COSET_ELEMENTS = 1 << 24;

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
  private long cosetElements = COSET_ELEMENTS;

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
    List<G1> plain =
        committer.valuesOfEach(log, table.main().stream().map(witness::column).toList());
    return blinded(plain, table.main().stream().map(table::slot).toList());
  }

  /** Adds the blinders of some slots to their commitments. */
  private List<G1> blinded(List<G1> plain, List<Integer> slots) {
    return committer.blind(maxLog, log, plain, slots.stream().map(blinders::get).toList());
  }

  @Override
  public Optional<List<G1>> commitHelpers(BusChallenges challenges) {
    busParameters = TablePrograms.busParameters(challenges);
    for (int g = 0; g < table.helpers(); g++) {
      helpers.add(helperMemory.scratch(height()));
    }
    for (int from = 0; from < height(); from += HELPER_ROWS) {
      if (!fillHelpers(from, Math.min(HELPER_ROWS, height() - from))) {
        return Optional.empty();
      }
    }
    List<G1> plain = new ArrayList<>();
    List<Integer> slots = new ArrayList<>();
    for (int g = 0; g < table.helpers(); g++) {
      plain.add(committer.values(log, helpers.get(g)));
      slots.add(table.helperSlot(g));
    }
    return Optional.of(blinded(plain, slots));
  }

  /** Makes some rows of the helper columns; false if a denominator is zero. */
  private boolean fillHelpers(int from, int count) {
    try (Buffers memory = new Buffers(backend)) {
      List<DeviceBuffer> inputs = new ArrayList<>();
      for (int column : programs.helperInputs()) {
        TypedVector values = witness.column(table.table().columns().get(column));
        inputs.add(memory.upload(count == height() ? values : values.slice(from, count)));
      }
      List<DeviceBuffer> fractions = new ArrayList<>();
      for (int i = 0; i < 2 * table.helpers(); i++) {
        fractions.add(memory.scratch(count));
      }
      backend.evaluate(programs.helpers(), inputs, busParameters, fractions);
      for (int g = 0; g < table.helpers(); g++) {
        DeviceBuffer numerator = fractions.get(2 * g);
        DeviceBuffer denominator = fractions.get(2 * g + 1);
        if (!backend.batchInvert(denominator, denominator)) {
          return false;
        }
        backend.multiply(numerator, denominator, numerator);
        backend.copy(numerator, 0, helpers.get(g), from, count);
      }
    }
    return true;
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
  public void addQuotient(Fr y, QuotientSum sum) {
    List<Fr> parameters = new ArrayList<>(busParameters);
    Fr power = y.pow(part.firstConstraint());
    for (int m = 0; m < table.constraints(); m++) {
      parameters.add(power);
      power = power.mul(y);
    }
    Cosets cosets = new Cosets(log);
    List<TablePrograms.Input> inputs = programs.constraintInputs();
    int blocks = blocks(inputs.size());
    int rows = height() / blocks;
    try (Buffers memory = new Buffers(backend)) {
      SortedMap<Integer, Polynomial> polynomials = polynomials(memory);
      if (programs.leading().degree() == Air.MAX_DEGREE) {
        sum.addLeading(leading(polynomials, parameters));
      }
      List<DeviceBuffer> values = new ArrayList<>();
      for (int i = 0; i < inputs.size(); i++) {
        values.add(memory.scratch(rows));
      }
      DeviceBuffer result = memory.scratch(rows);
      for (int j = 0; j < Cosets.COUNT; j++) {
        for (Polynomial polynomial : polynomials.values()) {
          polynomial.blindFor(cosets.vanishing(j));
        }
        // Every so manieth row of the coset is a smaller coset.
        for (int block = 0; block < blocks; block++) {
          Fr shift = cosets.shift(j).mul(Fr.rootOfUnity(log).pow(block));
          Fr nextShift = shift.mul(Fr.rootOfUnity(log));
          for (int i = 0; i < inputs.size(); i++) {
            backend.cosetNtt(
                polynomial(polynomials, inputs.get(i)).coefficients,
                inputs.get(i).next() ? nextShift : shift,
                values.get(i));
          }
          backend.evaluate(programs.constraints(), values, parameters, List.of(result));
          sum.addValues(j, block, blocks, result);
        }
      }
    }
  }

  /** For tests: other parts than those of {@link #COSET_ELEMENTS}. */
  void limitCosetElements(long elements) {
    cosetElements = elements;
  }

  /** In how many parts a coset is worked on, so that one of them has a moderate size. */
  private int blocks(int columns) {
    int blocks = 1;
    while ((long) columns * height() / blocks > cosetElements && height() / blocks > 1) {
      blocks *= 2;
    }
    return blocks;
  }

  /** A polynomial {@code f + b (X^N - 1)}. */
  private final class Polynomial {
    private final DeviceBuffer coefficients;
    private final List<Fr> blinder;
    private final DeviceBuffer blinderThere;
    private Fr blinded = Fr.ZERO;

    /** With the N coefficients of f and those of b. */
    Polynomial(DeviceBuffer coefficients, List<Fr> blinder, Buffers memory) {
      this.coefficients = coefficients;
      this.blinder = blinder;
      this.blinderThere =
          memory.upload(new TypedVector.Field(FrVector.of(blinder.toArray(Fr[]::new))));
    }

    /**
     * Makes the coefficients those of {@code f + b v}, which is the same where X^N - 1 is v.
     * Nothing is read back, so nobody waits for the device.
     */
    void blindFor(Fr v) {
      backend.addScaled(coefficients, 0, 1, v.sub(blinded), blinderThere);
      blinded = v;
    }

    /** Copies the last coefficients of f. */
    void copyLast(int count, DeviceBuffer destination, int to) {
      backend.copy(coefficients, height() - count, destination, to, count);
    }
  }

  /** What the constraint program looks at, by number, not yet blinded. */
  private SortedMap<Integer, Polynomial> polynomials(Buffers memory) {
    SortedMap<Integer, Polynomial> polynomials = new TreeMap<>();
    List<Column> columns = table.table().columns();
    for (TablePrograms.Input input : programs.constraintInputs()) {
      polynomials.computeIfAbsent(
          input.polynomial(),
          p -> {
            if (p == programs.firstSelector()) {
              // All coefficients of L_0 are 1/N.
              DeviceBuffer first = memory.scratch(height());
              backend.powers(Fr.of(height()).inverse(), Fr.ONE, first);
              return new Polynomial(first, List.of(), memory);
            }
            if (p >= columns.size()) {
              int helper = p - columns.size();
              DeviceBuffer coefficients = memory.scratch(height());
              backend.intt(helpers.get(helper), coefficients);
              return new Polynomial(coefficients, blinders.get(table.helperSlot(helper)), memory);
            }
            Column column = columns.get(p);
            DeviceBuffer coefficients = memory.upload(witness.column(column));
            backend.intt(coefficients, coefficients);
            return new Polynomial(
                coefficients,
                column.kind() == Column.Kind.INSTANCE
                    ? List.of()
                    : blinders.get(table.slot(column)),
                memory);
          });
    }
    return polynomials;
  }

  private static Polynomial polynomial(
      SortedMap<Integer, Polynomial> polynomials, TablePrograms.Input input) {
    Polynomial polynomial = polynomials.get(input.polynomial());
    if (polynomial == null) {
      throw new IllegalArgumentException("no polynomial for " + input);
    }
    return polynomial;
  }

  /** The coefficients of {@code X^(4N)} and above of the combined constraints. */
  private List<Fr> leading(SortedMap<Integer, Polynomial> polynomials, List<Fr> parameters) {
    int count = Cosets.TAIL - Blinding.PAIR;
    Map<Polynomial, Integer> places = new IdentityHashMap<>();
    List<Fr> last = new ArrayList<>();
    try (DeviceBuffer all = backend.scratch(count * polynomials.size())) {
      for (Polynomial polynomial : polynomials.values()) {
        polynomial.copyLast(count, all, count * places.size());
        places.put(polynomial, count * places.size());
      }
      FrVector values = backend.download(all);
      for (int i = 0; i < values.size(); i++) {
        last.add(values.get(i));
      }
    }
    Fr w = Fr.rootOfUnity(log);
    List<List<Fr>> columns = new ArrayList<>();
    for (TablePrograms.Input input : programs.constraintInputs()) {
      Polynomial polynomial = polynomial(polynomials, input);
      List<Fr> column = new ArrayList<>(Collections.nCopies(Cosets.TAIL, Fr.ZERO));
      for (int i = 0; i < polynomial.blinder.size(); i++) {
        column.set(Blinding.PAIR - 1 - i, polynomial.blinder.get(i));
      }
      int place = Objects.requireNonNull(places.get(polynomial));
      for (int i = 0; i < count; i++) {
        column.set(Blinding.PAIR + i, last.get(place + count - 1 - i));
      }
      if (input.next()) {
        // X^(N + 3 - i) takes a factor w^(3 - i).
        for (int i = 0; i < column.size(); i++) {
          column.set(i, column.get(i).mul(w.pow(height() + Blinding.PAIR - 1 - i)));
        }
      }
      columns.add(column);
    }
    List<Fr> downwards = programs.leading().of(columns, parameters);
    return downwards.reversed();
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

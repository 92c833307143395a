package dev.zkwasm.compute.cpu;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.field.PrimeField;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/**
 * The backend that is always there: plain Java on the processor's threads. Buffers are packed
 * arrays on the heap.
 *
 * <p>This class checks arguments and splits work among threads; the kernels are in the classes it
 * uses.
 */
public final class CpuBackend implements ComputeBackend {
  private static final PrimeField FR = PrimeField.FR;

  /** Elements of cheap work that are worth a task of their own. */
  private static final int GRAIN = 1024;

  /** More coefficients than this beyond N are added in a pass of their own. */
  private static final int MAX_HEAD = 1024;

  private static final long[] NO_HEAD = {};

  private final Parallel parallel;
  private final ArrayPool pool = new ArrayPool();
  private final String description;

  /** {@code 2^512}: times this, in Montgomery multiplication, a plain number is in that form. */
  private final long[] radixSquared = new long[4];

  private final FieldOps ops;
  private final Ntt ntt;
  private final Pointwise pointwise;
  private final Msm msm;
  private final Engine.Warmup warmup;

  /** A backend of so many threads, the calling one included, with the best kernels there are. */
  public CpuBackend(int threads) {
    this(threads, Engine::best);
  }

  CpuBackend(int threads, BiFunction<Parallel, ArrayPool, Engine> engines) {
    this.parallel = new Parallel(threads);
    Engine engine = engines.apply(parallel, pool);
    this.description = engine.description() + ", threads: " + threads;
    this.ops = engine.ops();
    this.ntt = engine.ntt();
    this.pointwise = engine.pointwise();
    this.msm = engine.msm();
    this.warmup = engine.warmup();
    FR.setOne(radixSquared, 0);
    FR.toMontgomery(radixSquared, 0, radixSquared, 0);
  }

  @Override
  public String name() {
    return CpuProvider.NAME;
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public void close() {
    parallel.close();
  }

  @Override
  public void warmUp() {
    warmup.begin();
  }

  @Override
  public void awaitWarmUp() {
    warmup.await();
  }

  // Memory.

  @Override
  public DeviceBuffer allocate(int size) {
    CpuBuffer buffer = new CpuBuffer(this, pool, size);
    Arrays.fill(buffer.limbs(), 0);
    return buffer;
  }

  @Override
  public DeviceBuffer scratch(int size) {
    return new CpuBuffer(this, pool, size);
  }

  @Override
  public DeviceBuffer upload(TypedVector values) {
    int n = values.size();
    CpuBuffer buffer = new CpuBuffer(this, pool, n);
    long[] limbs = buffer.limbs();
    switch (values) {
      case TypedVector.Field f -> System.arraycopy(f.values().limbs(), 0, limbs, 0, 4 * n);
      case TypedVector.Integers x when x.bitLength() <= 8 ->
          parallel.ranges(n, GRAIN, (from, to) -> x.toMontgomery(from, to, limbs, 4 * from));
      case TypedVector.Integers x ->
          parallel.ranges(
              n,
              GRAIN,
              (from, to) -> {
                for (int i = from; i < to; i += GRAIN) {
                  int count = Math.min(GRAIN, to - i);
                  plain(x, i, count, limbs, i);
                  ops.scale(limbs, i, radixSquared, 0, limbs, i, count);
                }
              });
    }
    return buffer;
  }

  /** Writes integers as they are, not in Montgomery form: those are {@code 2^256} times smaller. */
  private static void plain(TypedVector.Integers x, int from, int count, long[] out, int to) {
    long[] numbers = new long[count];
    x.toLongs(from, from + count, numbers, 0);
    for (int i = 0; i < count; i++) {
      int at = 4 * (to + i);
      out[at] = numbers[i];
      out[at + 1] = 0;
      out[at + 2] = 0;
      out[at + 3] = 0;
    }
  }

  @Override
  public FrVector download(DeviceBuffer buffer) {
    return FrVector.wrap(limbs(buffer).clone());
  }

  @Override
  public Fr get(DeviceBuffer buffer, int index) {
    return Fr.load(limbs(buffer), 4 * Objects.checkIndex(index, buffer.size()));
  }

  @Override
  public void set(DeviceBuffer buffer, int index, Fr value) {
    value.store(limbs(buffer), 4 * Objects.checkIndex(index, buffer.size()));
  }

  @Override
  public void copy(DeviceBuffer source, int from, DeviceBuffer destination, int to, int count) {
    Objects.checkFromIndexSize(from, count, source.size());
    Objects.checkFromIndexSize(to, count, destination.size());
    System.arraycopy(limbs(source), 4 * from, limbs(destination), 4 * to, 4 * count);
  }

  // Multi-scalar multiplication.

  @Override
  public Bases uploadBases(G1Vector points) {
    return new CpuBases(this, points);
  }

  @Override
  public G1 msm(Bases bases, TypedVector scalars) {
    return switch (scalars) {
      case TypedVector.Field f -> msm(bases, f.values().limbs());
      case TypedVector.Integers v -> msm(bases, new Scalars.Small(v));
    };
  }

  @Override
  public G1 msm(Bases bases, DeviceBuffer scalars) {
    return msm(bases, limbs(scalars));
  }

  private G1 msm(Bases bases, long[] scalars) {
    long[] plain = pool.take(scalars.length);
    long[] unit = {1, 0, 0, 0};
    try {
      // A product with the number one, not in Montgomery form, takes off the factor 2^256.
      parallel.ranges(
          scalars.length / 4,
          GRAIN,
          (from, to) -> ops.scale(scalars, from, unit, 0, plain, from, to - from));
      return msm(bases, new Scalars.Full(plain));
    } finally {
      pool.give(plain);
    }
  }

  private G1 msm(Bases bases, Scalars scalars) {
    if (!(bases instanceof CpuBases b) || b.owner() != this) {
      throw new IllegalArgumentException("bases of another backend");
    }
    if (scalars.size() > b.size()) {
      throw new IllegalArgumentException(scalars.size() + " scalars for " + b.size() + " bases");
    }
    return msm.sum(b.points(), b.infinities(), scalars).toAffine();
  }

  // Transforms.

  @Override
  public void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values) {
    int log = Domain.logOfSize(values.size());
    requireShift(shift);
    int n = values.size();
    int given = coefficients.size();
    long[] c = limbs(coefficients);
    long[] x = limbs(values);
    if (given > n && c == x) {
      throw new IllegalArgumentException("more coefficients than values in one buffer");
    }
    int excess = given - n;
    if (excess > 0 && excess <= Math.min(n, MAX_HEAD)) {
      // X^N is constant on the coset: as with a blinded polynomial, only some coefficients change.
      int length = Math.min(n, (excess + Ntt.HEAD - 1) / Ntt.HEAD * Ntt.HEAD);
      long[] head = Arrays.copyOf(c, 4 * length);
      accumulate(head, 0, 1, shift.pow(n), c, n, excess);
      ntt.forward(c, head, x, log, shift);
      return;
    }
    if (excess == 0) {
      ntt.forward(c, NO_HEAD, x, log, shift);
      return;
    }
    if (c != x) {
      System.arraycopy(c, 0, x, 0, 4 * Math.min(n, given));
    }
    if (given < n) {
      Arrays.fill(x, 4 * given, 4 * n, 0);
    }
    Fr wrap = shift.pow(n);
    Fr factor = wrap;
    for (long start = n; start < given; start += n) {
      accumulate(x, 0, 1, factor, c, (int) start, (int) Math.min(n, given - start));
      factor = factor.mul(wrap);
    }
    ntt.forward(x, NO_HEAD, x, log, shift);
  }

  @Override
  public void cosetIntt(DeviceBuffer values, Fr shift, DeviceBuffer coefficients) {
    int log = Domain.logOfSize(values.size());
    requireSameSize(values, coefficients);
    requireShift(shift);
    ntt.inverse(limbs(values), limbs(coefficients), log, shift);
  }

  private static void requireShift(Fr shift) {
    if (shift.isZero()) {
      throw new IllegalArgumentException("a coset's shift must not be zero");
    }
  }

  // Pointwise work.

  @Override
  public void evaluate(
      PointwiseProgram program,
      List<DeviceBuffer> columns,
      List<Fr> parameters,
      List<DeviceBuffer> outputs) {
    if (columns.size() != program.columns() || outputs.size() != program.outputs()) {
      throw new IllegalArgumentException(
          "program has %d columns and %d outputs, given %d and %d"
              .formatted(program.columns(), program.outputs(), columns.size(), outputs.size()));
    }
    List<Fr> pool = program.pool(parameters);
    if (outputs.isEmpty()) {
      return;
    }
    int rows = outputs.get(0).size();
    long[][] in = new long[columns.size()][];
    for (int c = 0; c < in.length; c++) {
      requireSameSize(outputs.get(0), columns.get(c));
      in[c] = limbs(columns.get(c));
    }
    long[][] out = new long[outputs.size()][];
    for (int o = 0; o < out.length; o++) {
      requireSameSize(outputs.get(0), outputs.get(o));
      out[o] = limbs(outputs.get(o));
      for (int c = 0; c < in.length; c++) {
        if (in[c] == out[o] && !program.mayShare(c, o)) {
          throw new IllegalArgumentException("output " + o + " must not be column " + c);
        }
      }
      for (int other = 0; other < o; other++) {
        if (out[other] == out[o]) {
          throw new IllegalArgumentException("outputs " + other + " and " + o + " are the same");
        }
      }
    }
    // About as much work in each range.
    int grain = Math.max(64, (1 << 16) / Math.max(1, program.instructions().size()) / 64 * 64);
    parallel.ranges(
        rows, grain, (from, to) -> pointwise.run(program, in, pool, out, rows, from, to));
  }

  @Override
  public boolean batchInvert(DeviceBuffer source, DeviceBuffer destination) {
    requireSameSize(source, destination);
    return batchInvert(limbs(source), limbs(destination), source.size());
  }

  private boolean batchInvert(long[] a, long[] d, int n) {
    AtomicInteger zeros = new AtomicInteger();
    parallel.ranges(
        n, 2 * GRAIN, (from, to) -> zeros.addAndGet(ops.invert(a, from, d, from, to - from)));
    return zeros.get() == 0;
  }

  @Override
  public Fr prefixSum(DeviceBuffer source, DeviceBuffer destination) {
    requireSameSize(source, destination);
    long[] a = limbs(source);
    long[] d = limbs(destination);
    int n = source.size();
    int size = parallel.rangeSize(n, GRAIN);
    int tasks = Parallel.tasks(n, size);
    // The sums of the ranges, then the running sum inside each.
    long[] start = new long[4 * (tasks + 1)];
    parallel.run(
        tasks, () -> t -> ops.addUp(a, t * size, Math.min(size, n - t * size), start, 4 * t + 4));
    for (int t = 0; t < tasks; t++) {
      FR.add(start, 4 * t, start, 4 * t + 4, start, 4 * t + 4);
    }
    parallel.run(
        tasks,
        () ->
            t -> {
              long[] sum = Arrays.copyOfRange(start, 4 * t, 4 * t + 4);
              ops.prefixSum(a, t * size, d, t * size, Math.min(size, n - t * size), sum, 0);
            });
    return Fr.load(start, 4 * tasks);
  }

  @Override
  public void powers(Fr first, Fr ratio, DeviceBuffer destination) {
    long[] d = limbs(destination);
    parallel.ranges(
        destination.size(),
        GRAIN,
        (from, to) -> fillPowers(first.mul(ratio.pow(from)), ratio, d, from, to - from));
  }

  /** {@code d[to + i] = first * ratio^i}: some one by one, then copies of them times a power. */
  private void fillPowers(Fr first, Fr ratio, long[] d, int to, int n) {
    if (n == 0) {
      return;
    }
    long[] step = store(ratio);
    first.store(d, 4 * to);
    int done = 1;
    for (; done < Math.min(n, 32); done++) {
      FR.mul(d, 4 * (to + done - 1), step, 0, d, 4 * (to + done));
    }
    if (done < n) {
      ratio.pow(done).store(step, 0);
    }
    while (done < n) {
      int count = Math.min(done, n - done);
      ops.scale(d, to, step, 0, d, to + done, count);
      done += count;
      FR.square(step, 0, step, 0);
    }
  }

  @Override
  public void linearCombination(
      List<Fr> factors, List<? extends DeviceBuffer> vectors, DeviceBuffer destination) {
    if (factors.size() != vectors.size()) {
      throw new IllegalArgumentException(
          factors.size() + " factors for " + vectors.size() + " vectors");
    }
    int n = destination.size();
    long[] d = limbs(destination);
    long[][] in = new long[vectors.size()][];
    long[] c = new long[4 * in.length];
    for (int k = 0; k < in.length; k++) {
      if (vectors.get(k).size() > n) {
        throw new IllegalArgumentException(
            "vector %d has %d elements, more than the destination's %d"
                .formatted(k, vectors.get(k).size(), n));
      }
      in[k] = limbs(vectors.get(k));
      factors.get(k).store(c, 4 * k);
    }
    parallel.ranges(
        n,
        GRAIN,
        (from, to) -> {
          // By blocks, so that the sum stays in the cache; apart, as a vector may be the
          // destination.
          int block = Math.min(GRAIN, to - from);
          long[] sum = new long[4 * block];
          long[] term = new long[4 * block];
          for (int i = from; i < to; i += block) {
            int count = Math.min(block, to - i);
            Arrays.fill(sum, 0);
            for (int k = 0; k < in.length; k++) {
              int present = Math.min(count, in[k].length / 4 - i);
              if (present > 0) {
                ops.scale(in[k], i, c, k, term, 0, present);
                ops.add(sum, 0, term, 0, sum, 0, present);
              }
            }
            System.arraycopy(sum, 0, d, 4 * i, 4 * count);
          }
        });
  }

  @Override
  public void addScaled(
      DeviceBuffer destination, int offset, int stride, Fr factor, DeviceBuffer source) {
    int n = source.size();
    if (stride < 1) {
      throw new IllegalArgumentException("stride " + stride);
    }
    if (n == 0) {
      return;
    }
    long last = offset + (long) stride * (n - 1);
    if (offset < 0 || last >= destination.size()) {
      throw new IndexOutOfBoundsException(
          "elements %d to %d of %d".formatted(offset, last, destination.size()));
    }
    long[] a = limbs(source);
    long[] d = limbs(destination);
    if (a == d) {
      throw new IllegalArgumentException("source and destination are the same");
    }
    accumulate(d, offset, stride, factor, a, 0, n);
  }

  /** {@code d[offset + stride i] += factor a[start + i]} for {@code i < n}. */
  private void accumulate(long[] d, int offset, int stride, Fr factor, long[] a, int start, int n) {
    long[] c = store(factor);
    boolean one = factor.isOne();
    parallel.ranges(
        n,
        GRAIN,
        (from, to) -> {
          int block = Math.min(GRAIN, to - from);
          long[] term = new long[4 * block];
          for (int i = from; i < to; i += block) {
            int count = Math.min(block, to - i);
            if (one) {
              System.arraycopy(a, 4 * (start + i), term, 0, 4 * count);
            } else {
              ops.scale(a, start + i, c, 0, term, 0, count);
            }
            if (stride == 1) {
              ops.add(d, offset + i, term, 0, d, offset + i, count);
            } else {
              for (int k = 0; k < count; k++) {
                int at = 4 * (offset + stride * (i + k));
                FR.add(d, at, term, 4 * k, d, at);
              }
            }
          }
        });
  }

  // Polynomials.

  @Override
  public Fr evaluateAt(DeviceBuffer coefficients, Fr z) {
    long[] c = limbs(coefficients);
    int n = coefficients.size();
    int size = parallel.rangeSize(n, GRAIN);
    int tasks = Parallel.tasks(n, size);
    long[] parts = new long[4 * tasks];
    parallel.run(
        tasks, () -> t -> blockValue(c, t * size, Math.min(n, t * size + size), z, parts, 4 * t));
    return horner(parts, tasks, z.pow(size));
  }

  /** {@code sum_(from <= i < to) c[i] z^(i - from)}. */
  private void blockValue(long[] c, int from, int to, Fr z, long[] out, int at) {
    // A row of GRAIN powers serves for every block of the range.
    int block = Math.min(GRAIN, to - from);
    long[] p = new long[4 * block];
    fillPowers(Fr.ONE, z, p, 0, block);
    int blocks = (to - from + block - 1) / block;
    long[] sums = new long[4 * blocks];
    for (int b = 0; b < blocks; b++) {
      int i = from + b * block;
      int count = Math.min(block, to - i);
      ops.sumOfProducts(c, i, p, 0, count, sums, 4 * b);
    }
    horner(sums, blocks, z.pow(block)).store(out, at);
  }

  private static Fr horner(long[] c, int n, Fr z) {
    long[] sum = new long[4];
    long[] point = store(z);
    for (int i = n - 1; i >= 0; i--) {
      FR.mul(sum, 0, point, 0, sum, 0);
      FR.add(sum, 0, c, 4 * i, sum, 0);
    }
    return Fr.load(sum, 0);
  }

  /** {@code out += sum_i a[i]}. */
  private static void addUp(long[] a, int n, long[] out, int at) {
    for (int i = 0; i < n; i++) {
      FR.add(out, at, a, 4 * i, out, at);
    }
  }

  @Override
  public void lagrangeAt(Fr z, DeviceBuffer destination) {
    Domain domain = Domain.ofSize(destination.size());
    int n = domain.size();
    long[] d = limbs(destination);
    long[] point = store(z);
    // L_i(z) = (z^N - 1) / (N (z omega^-i - 1)).
    powers(z, domain.omegaInverse(), destination);
    long[] one = store(Fr.ONE);
    parallel.ranges(
        n,
        GRAIN,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            FR.sub(d, 4 * i, one, 0, d, 4 * i);
          }
        });
    if (!batchInvert(d, d, n)) {
      // z is in the domain: the basis is a unit vector.
      Arrays.fill(d, 0);
      long[] x = store(Fr.ONE);
      long[] omega = store(domain.omega());
      for (int i = 0; i < n; i++) {
        if (FR.equal(x, 0, point, 0)) {
          FR.setOne(d, 4 * i);
        }
        FR.mul(x, 0, omega, 0, x, 0);
      }
      return;
    }
    long[] factor = store(domain.vanishing(z).mul(domain.sizeInverse()));
    parallel.ranges(n, GRAIN, (from, to) -> ops.scale(d, from, factor, 0, d, from, to - from));
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, DeviceBuffer b) {
    return innerProduct(a, new TypedVector.Field(FrVector.wrap(limbs(b))));
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, TypedVector b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException("vectors of %d and %d".formatted(a.size(), b.size()));
    }
    long[] x = limbs(a);
    int n = a.size();
    int size = parallel.rangeSize(n, GRAIN);
    int tasks = Parallel.tasks(n, size);
    long[] parts = new long[4 * tasks];
    parallel.run(
        tasks,
        () ->
            t -> {
              int from = t * size;
              int to = Math.min(n, from + size);
              long[] term = new long[4 * Math.min(GRAIN, to - from)];
              for (int i = from; i < to; i += GRAIN) {
                int count = Math.min(GRAIN, to - i);
                switch (b) {
                  case TypedVector.Field f ->
                      ops.sumOfProducts(x, i, f.values().limbs(), i, count, parts, 4 * t);
                  case TypedVector.Integers v -> {
                    plain(v, i, count, term, 0);
                    ops.sumOfProducts(x, i, term, 0, count, parts, 4 * t);
                  }
                }
              }
            });
    long[] sum = new long[4];
    addUp(parts, tasks, sum, 0);
    if (b instanceof TypedVector.Integers) {
      // The products with plain numbers lack a factor 2^256.
      FR.toMontgomery(sum, 0, sum, 0);
    }
    return Fr.load(sum, 0);
  }

  @Override
  public Fr divideByLinear(DeviceBuffer coefficients, Fr z, DeviceBuffer quotient) {
    requireSameSize(coefficients, quotient);
    long[] c = limbs(coefficients);
    long[] q = limbs(quotient);
    int n = coefficients.size();
    if (n == 0) {
      return Fr.ZERO;
    }
    // q[i] = c[i+1] + z q[i+1] from the top. What comes into a range from above is the value at z
    // of the ranges above it, so those are summed up first.
    int size = parallel.rangeSize(n, GRAIN);
    int tasks = Parallel.tasks(n, size);
    long[] parts = new long[4 * (tasks + 1)];
    if (tasks > 1) {
      parallel.run(
          tasks, () -> t -> blockValue(c, t * size, Math.min(n, t * size + size), z, parts, 4 * t));
      long[] power = store(z.pow(size));
      long[] term = new long[4];
      for (int t = tasks - 1; t >= 0; t--) {
        FR.mul(parts, 4 * t + 4, power, 0, term, 0);
        FR.add(parts, 4 * t, term, 0, parts, 4 * t);
      }
    }
    long[] point = store(z);
    long[] remainder = new long[4];
    parallel.run(
        tasks,
        () ->
            t -> {
              long[] carry = Arrays.copyOfRange(parts, 4 * t + 4, 4 * t + 8);
              long[] term = new long[4];
              for (int i = Math.min(n, t * size + size) - 1; i >= t * size; i--) {
                FR.mul(carry, 0, point, 0, term, 0);
                FR.add(term, 0, c, 4 * i, term, 0);
                System.arraycopy(carry, 0, q, 4 * i, 4);
                System.arraycopy(term, 0, carry, 0, 4);
              }
              if (t == 0) {
                System.arraycopy(carry, 0, remainder, 0, 4);
              }
            });
    return Fr.load(remainder, 0);
  }

  // Arguments.

  private long[] limbs(DeviceBuffer buffer) {
    if (!(buffer instanceof CpuBuffer b) || b.owner() != this) {
      throw new IllegalArgumentException("a buffer of another backend");
    }
    return b.limbs();
  }

  private static void requireSameSize(DeviceBuffer a, DeviceBuffer b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException("buffers of %d and %d".formatted(a.size(), b.size()));
    }
  }

  private static long[] store(Fr x) {
    long[] limbs = new long[4];
    x.store(limbs, 0);
    return limbs;
  }
}

package dev.zkwasm.cuda;

import static dev.zkwasm.cuda.Arguments.field;
import static dev.zkwasm.cuda.Arguments.u32;
import static dev.zkwasm.cuda.Arguments.u64;

import dev.zkwasm.compute.Bases;
import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.compute.PointwiseProgram;
import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.Domain;
import dev.zkwasm.poly.TypedVector;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.WeakHashMap;

/**
 * The backend on an NVIDIA GPU. Buffers stay in device memory; typed columns travel in their own
 * type and are expanded there. Operations are queued on the device and return at once, but for
 * those that give a result.
 *
 * <p>This class checks arguments and launches the simple kernels; sums of points, transforms and
 * recurrences are in the classes it uses.
 */
final class CudaBackend implements ComputeBackend {
  /** Digits that a multiplication sorts at a time. */
  private static final long MAX_ENTRIES = 1L << 30;

  /** The sums of the blocks of a reduction, which a single block then adds up. */
  private static final int PARTIAL_SUMS = 512;

  /** Bytes for the registers of all threads that interpret a program: they should stay cached. */
  private static final long REGISTER_BYTES = 32L << 20;

  /** Pairs of products per thread when the rate of multiplication is measured: milliseconds. */
  private static final int RATE_ROUNDS = 500;

  private static final Logger LOG = System.getLogger(CudaBackend.class.getName());

  /** The kernels of programs that were run; nothing for those that are interpreted. */
  private final Map<PointwiseProgram, Optional<ProgramKernel>> kernels = new WeakHashMap<>();

  private final Gpu gpu;
  private final Device device;
  private final Transforms transforms;
  private final Recurrences recurrences;
  private final Msm msm;

  /** What tests make small, so that small inputs go through every path. */
  record Tuning(int tile, int maxRadix, long maxEntries, int maxLevels) {
    static final Tuning DEFAULT = new Tuning(10, 8, MAX_ENTRIES, Integer.MAX_VALUE);
  }

  private final int maxLevels;

  /**
   * A backend on a device, which it closes.
   *
   * @param memoryBudget bytes of device memory that it may use
   */
  CudaBackend(Device device, long memoryBudget) {
    this(device, memoryBudget, Tuning.DEFAULT);
  }

  CudaBackend(Device device, long memoryBudget, Tuning tuning) {
    this.device = device;
    this.gpu = new Gpu(device, memoryBudget);
    boolean done = false;
    try {
      this.transforms = new Transforms(gpu, tuning.tile(), tuning.maxRadix());
      done = true;
    } finally {
      if (!done) {
        gpu.close();
      }
    }
    this.recurrences = new Recurrences(gpu);
    this.msm = new Msm(gpu, tuning.maxEntries());
    this.maxLevels = tuning.maxLevels();
  }

  @Override
  public String name() {
    return CudaProvider.NAME;
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public Map<String, Double> readings() {
    return device.readings();
  }

  @Override
  public OptionalDouble multiplicationRate() {
    return MultiplicationRate.measure(device, gpu.threads(), RATE_ROUNDS).stream()
        .mapToDouble(MultiplicationRate.Result::perSecond)
        .max();
  }

  /** Bytes of device memory in use by buffers and bases. */
  long usedMemory() {
    return gpu.memory().used() - transforms.tableBytes();
  }

  @Override
  public void close() {
    transforms.close();
    gpu.close();
  }

  // Memory.

  private CudaBuffer buffer(int size) {
    if (size < 0) {
      throw new IllegalArgumentException("buffer size " + size);
    }
    return new CudaBuffer(this, size, gpu.memory().allocate((long) size * Arguments.FIELD_BYTES));
  }

  @Override
  public DeviceBuffer allocate(int size) {
    CudaBuffer buffer = buffer(size);
    return filled(
        buffer, () -> device.clear(buffer.address(), (long) size * Arguments.FIELD_BYTES));
  }

  @Override
  public DeviceBuffer scratch(int size) {
    return buffer(size);
  }

  @Override
  public DeviceBuffer upload(TypedVector values) {
    CudaBuffer buffer = buffer(values.size());
    return filled(
        buffer,
        () -> {
          if (values instanceof TypedVector.Field f) {
            device.upload(MemorySegment.ofArray(f.values().limbs()), buffer.address());
          } else if (values.size() > 0) {
            try (DeviceMemory.Block raw = raw(values)) {
              gpu.forEach(
                  Kernel.FR_EXPAND,
                  values.size(),
                  u64(raw.address()),
                  u32(bytes(values)),
                  u64(values.size()),
                  u64(buffer.address()));
            }
          }
        });
  }

  /** The buffer after something filled it; closed if that fails. */
  private static DeviceBuffer filled(CudaBuffer buffer, Runnable fill) {
    boolean done = false;
    try {
      fill.run();
      done = true;
    } finally {
      if (!done) {
        buffer.close();
      }
    }
    return buffer;
  }

  /** Bytes of an element of a column on its way to the device. */
  private static int bytes(TypedVector values) {
    return switch (values) {
      case TypedVector.Bits v -> 1;
      case TypedVector.U8 v -> 1;
      case TypedVector.U16 v -> 2;
      case TypedVector.U32 v -> 4;
      case TypedVector.U64 v -> 8;
      case TypedVector.Field v -> Arguments.FIELD_BYTES;
    };
  }

  /** A column's values as they are, on the device. */
  private DeviceMemory.Block raw(TypedVector values) {
    MemorySegment segment =
        switch (values) {
          case TypedVector.Bits v -> MemorySegment.ofArray(v.values());
          case TypedVector.U8 v -> MemorySegment.ofArray(v.values());
          case TypedVector.U16 v -> MemorySegment.ofArray(v.values());
          case TypedVector.U32 v -> MemorySegment.ofArray(v.values());
          case TypedVector.U64 v -> MemorySegment.ofArray(v.values());
          case TypedVector.Field v -> MemorySegment.ofArray(v.values().limbs());
        };
    DeviceMemory.Block block = gpu.memory().allocate(segment.byteSize());
    boolean done = false;
    try {
      device.upload(segment, block.address());
      done = true;
    } finally {
      if (!done) {
        block.close();
      }
    }
    return block;
  }

  @Override
  public FrVector download(DeviceBuffer buffer) {
    FrVector vector = new FrVector(buffer.size());
    device.download(address(buffer), MemorySegment.ofArray(vector.limbs()));
    return vector;
  }

  @Override
  public Fr get(DeviceBuffer buffer, int index) {
    return gpu.element(element(buffer, Objects.checkIndex(index, buffer.size())));
  }

  @Override
  public void set(DeviceBuffer buffer, int index, Fr value) {
    device.upload(
        MemorySegment.ofArray(field(value)),
        element(buffer, Objects.checkIndex(index, buffer.size())));
  }

  @Override
  public void copy(DeviceBuffer source, int from, DeviceBuffer destination, int to, int count) {
    Objects.checkFromIndexSize(from, count, source.size());
    Objects.checkFromIndexSize(to, count, destination.size());
    device.copy(
        element(source, from), element(destination, to), (long) count * Arguments.FIELD_BYTES);
  }

  // Multi-scalar multiplication.

  @Override
  public Bases uploadBases(G1Vector points) {
    int n = points.size();
    MsmPlan plan = MsmPlan.full(n, n == 0 ? 1 : Math.min(maxLevels, msm.maxLevels(n)));
    return new CudaBases(
        this, n, plan, n == 0 ? List.of() : List.of(msm.uploadBases(points, plan)));
  }

  @Override
  public G1 msm(Bases bases, TypedVector scalars) {
    try (Msm.Sum sum = begin(bases, scalars)) {
      return sum.get();
    }
  }

  @Override
  public G1 msm(Bases bases, DeviceBuffer scalars) {
    CudaBases points = points(bases, scalars.size());
    long address = address(scalars);
    try (Msm.Sum sum =
        msm.begin(points, points.fullPlan(), address, Arguments.FIELD_BYTES, scalars.size())) {
      return sum.get();
    }
  }

  /** All are asked for before the first result is waited for: the device never has to. */
  @Override
  public List<G1> msmOfEach(Bases bases, List<? extends TypedVector> scalars) {
    List<Msm.Sum> sums = new ArrayList<>();
    try {
      for (TypedVector s : scalars) {
        sums.add(begin(bases, s));
      }
      return sums.stream().map(Msm.Sum::get).toList();
    } finally {
      sums.forEach(Msm.Sum::close);
    }
  }

  private Msm.Sum begin(Bases bases, TypedVector scalars) {
    CudaBases points = points(bases, scalars.size());
    MsmPlan plan =
        scalars instanceof TypedVector.Field
            ? points.fullPlan()
            : MsmPlan.small(scalars.size(), scalars.bitLength());
    // Work is done in order, so what is freed here is still there for what was asked for.
    try (DeviceMemory.Block raw = raw(scalars)) {
      return msm.begin(points, plan, raw.address(), bytes(scalars), scalars.size());
    }
  }

  private CudaBases points(Bases bases, int scalars) {
    if (!(bases instanceof CudaBases b) || b.owner() != this) {
      throw new IllegalArgumentException("bases of another backend");
    }
    b.requireOpen();
    if (scalars > b.size()) {
      throw new IllegalArgumentException(scalars + " scalars for " + b.size() + " bases");
    }
    return b;
  }

  // Transforms.

  @Override
  public void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values) {
    int log = Domain.logOfSize(values.size());
    requireShift(shift);
    if (coefficients.size() > values.size() && coefficients == values) {
      throw new IllegalArgumentException("more coefficients than values in one buffer");
    }
    Gpu.checkCancelled();
    transforms.run(address(coefficients), coefficients.size(), address(values), log, shift, false);
  }

  @Override
  public void cosetIntt(DeviceBuffer values, Fr shift, DeviceBuffer coefficients) {
    int log = Domain.logOfSize(values.size());
    requireSameSize(values, coefficients);
    requireShift(shift);
    Gpu.checkCancelled();
    transforms.run(address(values), values.size(), address(coefficients), log, shift, true);
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
    int rows = outputs.getFirst().size();
    ByteBuffer tables = Arguments.struct(8 * (columns.size() + outputs.size()));
    for (DeviceBuffer column : columns) {
      requireSameSize(outputs.getFirst(), column);
      tables.putLong(address(column));
    }
    for (int o = 0; o < outputs.size(); o++) {
      DeviceBuffer output = outputs.get(o);
      requireSameSize(outputs.getFirst(), output);
      tables.putLong(address(output));
      for (int c = 0; c < columns.size(); c++) {
        if (columns.get(c) == output && !program.mayShare(c, o)) {
          throw new IllegalArgumentException("output " + o + " must not be column " + c);
        }
      }
      for (int other = 0; other < o; other++) {
        if (outputs.get(other) == output) {
          throw new IllegalArgumentException("outputs " + other + " and " + o + " are the same");
        }
      }
    }
    if (rows > 0) {
      Optional<ProgramKernel> kernel = kernel(program);
      if (kernel.isPresent()) {
        launch(kernel.get(), pool, tables.array(), columns.size(), rows);
      } else {
        interpret(program, pool, tables.array(), columns.size(), rows);
      }
    }
  }

  /** The kernel made from a program, if there is one; says once if not. */
  private Optional<ProgramKernel> kernel(PointwiseProgram program) {
    synchronized (kernels) {
      Optional<ProgramKernel> known = kernels.get(program);
      if (known == null) {
        known = Optional.of(ProgramKernel.of(program)).filter(device::load);
        kernels.put(program, known);
        if (known.isEmpty()) {
          LOG.log(
              Level.INFO,
              "cuda: a program of {0} instructions has no kernel of its own: interpreted",
              program.instructions().size());
        }
      }
      return known;
    }
  }

  private void launch(ProgramKernel kernel, List<Fr> pool, byte[] tables, int columns, int rows) {
    int grid = Math.min((rows - 1) / ProgramKernel.BLOCK + 1, gpu.threads() / ProgramKernel.BLOCK);
    try (DeviceMemory.Block values = gpu.upload(Arguments.fields(pool));
        DeviceMemory.Block pointers = gpu.upload(tables)) {
      device.launch(
          kernel,
          grid,
          ProgramKernel.BLOCK,
          0,
          u64(values.address()),
          u64(pointers.address()),
          u64(pointers.address() + 8L * columns),
          u64(rows));
    }
  }

  private void interpret(
      PointwiseProgram program, List<Fr> pool, byte[] tables, int columns, int rows) {
    ByteBuffer code = Arguments.struct(16 * program.instructions().size());
    for (PointwiseProgram.Instruction i : program.instructions()) {
      int b = i.opcode() == PointwiseProgram.Opcode.LOAD ? i.b() % rows : i.b();
      code.putInt(i.opcode().ordinal()).putInt(i.target()).putInt(i.a()).putInt(b);
    }
    int block = 128;
    long perThread = (long) Arguments.FIELD_BYTES * Math.max(1, program.registers());
    long threads =
        Math.clamp(REGISTER_BYTES / perThread, 128L * device.multiprocessors(), gpu.threads());
    int grid = (int) ((Math.min(threads, rows) + block - 1) / block);
    try (DeviceMemory.Block instructions = gpu.upload(code.array());
        DeviceMemory.Block values = gpu.upload(Arguments.fields(pool));
        DeviceMemory.Block pointers = gpu.upload(tables);
        DeviceMemory.Block registers = gpu.memory().allocate(perThread * grid * block)) {
      device.launch(
          Kernel.FR_PROGRAM,
          grid,
          block,
          0,
          u64(instructions.address()),
          u32(program.instructions().size()),
          u64(values.address()),
          u64(pointers.address()),
          u64(pointers.address() + 8L * columns),
          u64(registers.address()),
          u64(rows));
    }
  }

  @Override
  public void add(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    binary(0, a, b, destination);
  }

  @Override
  public void subtract(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    binary(1, a, b, destination);
  }

  @Override
  public void multiply(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    binary(2, a, b, destination);
  }

  private void binary(int operation, DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    requireSameSize(destination, a);
    requireSameSize(destination, b);
    gpu.forEach(
        Kernel.FR_BINARY,
        a.size(),
        u32(operation),
        u64(address(a)),
        u64(address(b)),
        u64(a.size()),
        u64(address(destination)));
  }

  @Override
  public boolean batchInvert(DeviceBuffer source, DeviceBuffer destination) {
    requireSameSize(source, destination);
    return invert(address(source), address(destination), source.size()) < 0;
  }

  /** Inverts n elements; returns the index of a zero, or -1 if there is none. */
  private int invert(long source, long destination, int n) {
    if (n == 0) {
      return -1;
    }
    Gpu.checkCancelled();
    int block = 128;
    // One inversion serves 32 elements.
    int grid = (n + 32 * block - 1) / (32 * block);
    try (DeviceMemory.Block prefix = gpu.memory().allocate((long) n * Arguments.FIELD_BYTES);
        DeviceMemory.Block zero = gpu.upload(u32(0))) {
      device.launch(
          Kernel.FR_INVERT,
          grid,
          block,
          0,
          u64(source),
          u64(destination),
          u64(prefix.address()),
          u64(n),
          u64(zero.address()));
      int[] found = new int[1];
      device.download(zero.address(), MemorySegment.ofArray(found));
      return found[0] - 1;
    }
  }

  @Override
  public Fr prefixSum(DeviceBuffer source, DeviceBuffer destination) {
    requireSameSize(source, destination);
    long from = address(source);
    long to = address(destination);
    return source.size() == 0 ? Fr.ZERO : recurrences.run(from, source.size(), false, Fr.ONE, to);
  }

  @Override
  public void powers(Fr first, Fr ratio, DeviceBuffer destination) {
    transforms.powers(first, ratio, address(destination), destination.size());
  }

  @Override
  public void linearCombination(
      List<Fr> factors, List<? extends DeviceBuffer> vectors, DeviceBuffer destination) {
    if (factors.size() != vectors.size()) {
      throw new IllegalArgumentException(
          factors.size() + " factors for " + vectors.size() + " vectors");
    }
    ByteBuffer terms = Arguments.struct(48 * vectors.size());
    for (int k = 0; k < vectors.size(); k++) {
      DeviceBuffer vector = vectors.get(k);
      if (vector.size() > destination.size()) {
        throw new IllegalArgumentException(
            "vector %d has %d elements, more than the destination's %d"
                .formatted(k, vector.size(), destination.size()));
      }
      Arguments.put(terms.putLong(address(vector)).putLong(vector.size()), factors.get(k));
    }
    try (DeviceMemory.Block uploaded = gpu.upload(terms.array())) {
      gpu.forEach(
          Kernel.FR_COMBINE,
          destination.size(),
          u64(uploaded.address()),
          u32(vectors.size()),
          u64(address(destination)),
          u64(destination.size()));
    }
  }

  @Override
  public void addScaled(
      DeviceBuffer destination, int offset, int stride, Fr factor, DeviceBuffer source) {
    int n = source.size();
    if (stride < 1) {
      throw new IllegalArgumentException("stride " + stride);
    }
    long to = address(destination);
    long from = address(source);
    if (n == 0) {
      return;
    }
    long last = offset + (long) stride * (n - 1);
    if (offset < 0 || last >= destination.size()) {
      throw new IndexOutOfBoundsException(
          "elements %d to %d of %d".formatted(offset, last, destination.size()));
    }
    if (source == destination) {
      throw new IllegalArgumentException("source and destination are the same");
    }
    gpu.forEach(
        Kernel.FR_ADD_SCALED,
        n,
        u64(to),
        u64(offset),
        u64(stride),
        field(factor),
        u64(from),
        u64(n));
  }

  // Polynomials.

  @Override
  public Fr evaluateAt(DeviceBuffer coefficients, Fr z) {
    long address = address(coefficients);
    return coefficients.size() == 0
        ? Fr.ZERO
        : recurrences.total(address, coefficients.size(), true, z);
  }

  @Override
  public void lagrangeAt(Fr z, DeviceBuffer destination) {
    Domain domain = Domain.ofSize(destination.size());
    int n = domain.size();
    long d = address(destination);
    // L_i(z) = (z^N - 1) / (N (z omega^-i - 1)).
    transforms.powers(z, domain.omegaInverse(), d, n);
    affine(d, n, Fr.ONE, Fr.ONE.negate());
    int zero = invert(d, d, n);
    if (zero >= 0) {
      // z is in the domain: the basis is a unit vector.
      device.clear(d, (long) n * Arguments.FIELD_BYTES);
      set(destination, zero, Fr.ONE);
    } else {
      affine(d, n, domain.vanishing(z).mul(domain.sizeInverse()), Fr.ZERO);
    }
  }

  /** {@code d[i] = factor d[i] + addend}. */
  private void affine(long d, int n, Fr factor, Fr addend) {
    gpu.forEach(Kernel.FR_AFFINE, n, u64(d), u64(n), field(factor), field(addend));
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, DeviceBuffer b) {
    requireSameSize(a, b);
    return innerProduct(a, address(b), Arguments.FIELD_BYTES);
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, TypedVector b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException("vectors of %d and %d".formatted(a.size(), b.size()));
    }
    if (b.size() == 0) {
      return Fr.ZERO;
    }
    try (DeviceMemory.Block raw = raw(b)) {
      return innerProduct(a, raw.address(), bytes(b));
    }
  }

  private Fr innerProduct(DeviceBuffer a, long b, int bytes) {
    long address = address(a);
    int n = a.size();
    if (n == 0) {
      return Fr.ZERO;
    }
    int shared = Gpu.BLOCK * Arguments.FIELD_BYTES;
    int grid = Math.min(PARTIAL_SUMS, (n + Gpu.BLOCK - 1) / Gpu.BLOCK);
    try (DeviceMemory.Block parts = gpu.memory().allocate((long) grid * Arguments.FIELD_BYTES);
        DeviceMemory.Block sum = gpu.memory().allocate(Arguments.FIELD_BYTES)) {
      device.launch(
          Kernel.FR_INNER_PRODUCT,
          grid,
          Gpu.BLOCK,
          shared,
          u64(address),
          u64(b),
          u32(bytes),
          u64(n),
          u64(parts.address()));
      device.launch(
          Kernel.FR_SUM, 1, Gpu.BLOCK, shared, u64(parts.address()), u64(grid), u64(sum.address()));
      return gpu.element(sum.address());
    }
  }

  @Override
  public Fr divideByLinear(DeviceBuffer coefficients, Fr z, DeviceBuffer quotient) {
    requireSameSize(coefficients, quotient);
    long from = address(coefficients);
    long to = address(quotient);
    return coefficients.size() == 0
        ? Fr.ZERO
        : recurrences.run(from, coefficients.size(), true, z, to);
  }

  // Arguments.

  private long address(DeviceBuffer buffer) {
    if (!(buffer instanceof CudaBuffer b) || b.owner() != this) {
      throw new IllegalArgumentException("a buffer of another backend");
    }
    return b.address();
  }

  private long element(DeviceBuffer buffer, int index) {
    return address(buffer) + (long) index * Arguments.FIELD_BYTES;
  }

  private static void requireSameSize(DeviceBuffer a, DeviceBuffer b) {
    if (a.size() != b.size()) {
      throw new IllegalArgumentException("buffers of %d and %d".formatted(a.size(), b.size()));
    }
  }
}

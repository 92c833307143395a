package dev.zkwasm.compute;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * Where the heavy arithmetic of the prover runs: multi-scalar multiplications, number-theoretic
 * transforms and pointwise work over columns.
 *
 * <p>Operations are coarse and their operands stay on the device: bulk data is uploaded once and
 * only results come back. All results are exact, so a proof does not depend on the backend that
 * computed it.
 *
 * <p>Unless an operation says otherwise, a destination may be the same buffer as a source, and
 * sizes that do not fit throw {@link IllegalArgumentException}. Orders are natural everywhere: no
 * bit reversal is visible. Polynomials are given by their coefficients from the constant one
 * upwards, or by their values on the {@link dev.zkwasm.poly.Domain} of N elements, element {@code
 * i} at {@code omega^i}.
 *
 * <p>A backend may be used from several threads at a time, a buffer from one. A long operation
 * called on a thread that is interrupted ends early with {@link
 * java.util.concurrent.CancellationException}, leaves the thread's interrupt status set and its
 * destination in an undefined state. A device failure throws {@link BackendException}.
 */
public interface ComputeBackend extends AutoCloseable {
  /** The name it was selected by. */
  String name();

  /** The device, instruction set and threads, for people. */
  String description();

  /** Ends its threads and frees its device; its buffers and bases must not be used any more. */
  @Override
  void close();

  /**
   * Begins, in the background, what is done once so that later work is fast, such as compiling
   * code. Returns at once.
   */
  default void warmUp() {}

  /**
   * Does what {@link #warmUp} does, and waits for it. Worth it before much work only; an interrupt
   * ends the waiting and stays set.
   */
  default void awaitWarmUp() {}

  /**
   * Field multiplications per second that the device does at most, measured by this call in well
   * under a second; nothing if only operations of this interface can tell. For benchmarks.
   */
  default OptionalDouble multiplicationRate() {
    return OptionalDouble.empty();
  }

  /**
   * What the device's sensors say now, for benchmarks: {@code energyJoules} since some time in the
   * past, {@code powerWatts}, {@code smClockMhz}, {@code memoryClockMhz}, {@code
   * temperatureCelsius}. What is not known is left out.
   */
  default Map<String, Double> readings() {
    return Map.of();
  }

  // Memory.

  /** A buffer of zeros. */
  DeviceBuffer allocate(int size);

  /** A buffer of undefined content, for what is written before it is read. */
  default DeviceBuffer scratch(int size) {
    return allocate(size);
  }

  /** A buffer of a column's values as field elements. */
  DeviceBuffer upload(TypedVector values);

  /** A copy of a buffer's elements. */
  FrVector download(DeviceBuffer buffer);

  /** A copy of element {@code index}. */
  Fr get(DeviceBuffer buffer, int index);

  /** Replaces element {@code index}; for a few elements, not for bulk. */
  void set(DeviceBuffer buffer, int index, Fr value);

  /**
   * Copies {@code count} elements. The ranges must not overlap if both are in the same buffer.
   *
   * @throws IndexOutOfBoundsException if a range is not inside its buffer
   */
  void copy(DeviceBuffer source, int from, DeviceBuffer destination, int to, int count);

  // Multi-scalar multiplication.

  /** Prepares fixed points. */
  Bases uploadBases(G1Vector points);

  /**
   * {@code sum_i scalars[i] * bases[i]}; there may be fewer scalars than bases, not more. Small
   * types cost less, and zeros next to nothing.
   */
  G1 msm(Bases bases, TypedVector scalars);

  /** {@code sum_i scalars[i] * bases[i]}; there may be fewer scalars than bases, not more. */
  G1 msm(Bases bases, DeviceBuffer scalars);

  /**
   * {@link #msm(Bases, TypedVector)} of each. A device may be given the next before it has the
   * result of the one before.
   */
  default List<G1> msmOfEach(Bases bases, List<? extends TypedVector> scalars) {
    return scalars.stream().map(s -> msm(bases, s)).toList();
  }

  // Transforms. N, the size of the values, is a power of two up to 2^28.

  /** Coefficients to values on H: {@link #cosetNtt} without a shift. */
  default void ntt(DeviceBuffer coefficients, DeviceBuffer values) {
    cosetNtt(coefficients, Fr.ONE, values);
  }

  /** Values on H to coefficients: {@link #cosetIntt} without a shift. */
  default void intt(DeviceBuffer values, DeviceBuffer coefficients) {
    cosetIntt(values, Fr.ONE, coefficients);
  }

  /**
   * Evaluates a polynomial on the coset {@code shift * H}: {@code values[i] = f(shift * omega^i)}.
   * There may be fewer or more coefficients than values: missing ones are zero, and those of {@code
   * X^N} and above count, as {@code X^N = shift^N} there.
   *
   * @throws IllegalArgumentException if the shift is zero
   */
  void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values);

  /**
   * Interpolates on the coset {@code shift * H}: the polynomial of degree below N with {@code
   * f(shift * omega^i) = values[i]}. Both buffers have N elements.
   *
   * @throws IllegalArgumentException if the shift is zero
   */
  void cosetIntt(DeviceBuffer values, Fr shift, DeviceBuffer coefficients);

  // Pointwise work.

  /**
   * Runs a program on every row. All columns and outputs have the same number of rows.
   *
   * @param columns the program's columns
   * @param parameters the values of the program's parameters
   * @param outputs the program's outputs, all different; one may also be a column where the program
   *     allows it, see {@link PointwiseProgram#mayShare}
   */
  void evaluate(
      PointwiseProgram program,
      List<DeviceBuffer> columns,
      List<Fr> parameters,
      List<DeviceBuffer> outputs);

  /** {@code destination[i] = a[i] + b[i]}. */
  default void add(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    evaluate(PointwiseProgram.ADD, List.of(a, b), List.of(), List.of(destination));
  }

  /** {@code destination[i] = a[i] - b[i]}. */
  default void subtract(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    evaluate(PointwiseProgram.SUBTRACT, List.of(a, b), List.of(), List.of(destination));
  }

  /** {@code destination[i] = a[i] * b[i]}. */
  default void multiply(DeviceBuffer a, DeviceBuffer b, DeviceBuffer destination) {
    evaluate(PointwiseProgram.MULTIPLY, List.of(a, b), List.of(), List.of(destination));
  }

  /**
   * {@code destination[i] = 1 / source[i]}, and 0 where that is 0.
   *
   * @return whether there was no zero
   */
  boolean batchInvert(DeviceBuffer source, DeviceBuffer destination);

  /**
   * Exclusive running sums: {@code destination[i] = source[0] + ... + source[i-1]}.
   *
   * @return the sum of all elements
   */
  Fr prefixSum(DeviceBuffer source, DeviceBuffer destination);

  /** {@code destination[i] = first * ratio^i}. */
  void powers(Fr first, Fr ratio, DeviceBuffer destination);

  /**
   * {@code destination[i] = sum_k factors[k] * vectors[k][i]}. Vectors may be shorter than the
   * destination, not longer; missing elements are zero.
   */
  void linearCombination(
      List<Fr> factors, List<? extends DeviceBuffer> vectors, DeviceBuffer destination);

  /**
   * {@code destination[offset + stride * i] += factor * source[i]} for every element of the source,
   * which is another buffer than the destination. With {@code stride} N/n this adds {@code
   * f(X^(N/n))} to a coefficient vector.
   *
   * @throws IndexOutOfBoundsException if an index is outside the destination
   */
  void addScaled(DeviceBuffer destination, int offset, int stride, Fr factor, DeviceBuffer source);

  // Polynomials.

  /** {@code f(z)}, from coefficients. */
  Fr evaluateAt(DeviceBuffer coefficients, Fr z);

  /**
   * The Lagrange basis at a point: {@code destination[i] = L_i(z)} over the domain of the
   * destination's size. Evaluating a polynomial at {@code z} from its values on the domain is then
   * an {@link #innerProduct(DeviceBuffer, TypedVector) inner product}.
   */
  void lagrangeAt(Fr z, DeviceBuffer destination);

  /** {@code sum_i a[i] * b[i]}; the sizes are equal. */
  Fr innerProduct(DeviceBuffer a, DeviceBuffer b);

  /** {@code sum_i a[i] * b[i]}; the sizes are equal. */
  Fr innerProduct(DeviceBuffer a, TypedVector b);

  /**
   * Divides by {@code X - z}, coefficients to coefficients: {@code f = quotient * (X - z) + f(z)}.
   * The quotient has as many elements as {@code f}, the last one zero.
   *
   * @return the remainder, {@code f(z)}
   */
  Fr divideByLinear(DeviceBuffer coefficients, Fr z, DeviceBuffer quotient);
}

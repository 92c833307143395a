package dev.zkwasm.compute;

import dev.zkwasm.curve.G1;
import dev.zkwasm.curve.G1Vector;
import dev.zkwasm.field.Fr;
import dev.zkwasm.field.FrVector;
import dev.zkwasm.poly.TypedVector;
import java.util.List;

/**
 * A backend that leaves everything to another one: the base of backends whose device does only some
 * of the operations. Buffers and bases are those of the other backend. A subclass overrides what
 * its device does, and the name and description, which should say what it does not do.
 */
public abstract class ForwardingBackend implements ComputeBackend {
  private final ComputeBackend delegate;

  /** Leaves to {@code delegate}, which is closed with this backend, what is not overridden. */
  protected ForwardingBackend(ComputeBackend delegate) {
    this.delegate = delegate;
  }

  /** The backend that does the rest. */
  protected final ComputeBackend delegate() {
    return delegate;
  }

  @Override
  public abstract String name();

  @Override
  public abstract String description();

  @Override
  public void close() {
    delegate.close();
  }

  @Override
  public void warmUp() {
    delegate.warmUp();
  }

  @Override
  public void awaitWarmUp() {
    delegate.awaitWarmUp();
  }

  @Override
  public DeviceBuffer allocate(int size) {
    return delegate.allocate(size);
  }

  @Override
  public DeviceBuffer scratch(int size) {
    return delegate.scratch(size);
  }

  @Override
  public DeviceBuffer upload(TypedVector values) {
    return delegate.upload(values);
  }

  @Override
  public FrVector download(DeviceBuffer buffer) {
    return delegate.download(buffer);
  }

  @Override
  public Fr get(DeviceBuffer buffer, int index) {
    return delegate.get(buffer, index);
  }

  @Override
  public void set(DeviceBuffer buffer, int index, Fr value) {
    delegate.set(buffer, index, value);
  }

  @Override
  public void copy(DeviceBuffer source, int from, DeviceBuffer destination, int to, int count) {
    delegate.copy(source, from, destination, to, count);
  }

  @Override
  public Bases uploadBases(G1Vector points) {
    return delegate.uploadBases(points);
  }

  @Override
  public G1 msm(Bases bases, TypedVector scalars) {
    return delegate.msm(bases, scalars);
  }

  @Override
  public G1 msm(Bases bases, DeviceBuffer scalars) {
    return delegate.msm(bases, scalars);
  }

  @Override
  public void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values) {
    delegate.cosetNtt(coefficients, shift, values);
  }

  @Override
  public void cosetIntt(DeviceBuffer values, Fr shift, DeviceBuffer coefficients) {
    delegate.cosetIntt(values, shift, coefficients);
  }

  @Override
  public void evaluate(
      PointwiseProgram program,
      List<DeviceBuffer> columns,
      List<Fr> parameters,
      List<DeviceBuffer> outputs) {
    delegate.evaluate(program, columns, parameters, outputs);
  }

  @Override
  public boolean batchInvert(DeviceBuffer source, DeviceBuffer destination) {
    return delegate.batchInvert(source, destination);
  }

  @Override
  public Fr prefixSum(DeviceBuffer source, DeviceBuffer destination) {
    return delegate.prefixSum(source, destination);
  }

  @Override
  public void powers(Fr first, Fr ratio, DeviceBuffer destination) {
    delegate.powers(first, ratio, destination);
  }

  @Override
  public void linearCombination(
      List<Fr> factors, List<? extends DeviceBuffer> vectors, DeviceBuffer destination) {
    delegate.linearCombination(factors, vectors, destination);
  }

  @Override
  public void addScaled(
      DeviceBuffer destination, int offset, int stride, Fr factor, DeviceBuffer source) {
    delegate.addScaled(destination, offset, stride, factor, source);
  }

  @Override
  public Fr evaluateAt(DeviceBuffer coefficients, Fr z) {
    return delegate.evaluateAt(coefficients, z);
  }

  @Override
  public void lagrangeAt(Fr z, DeviceBuffer destination) {
    delegate.lagrangeAt(z, destination);
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, DeviceBuffer b) {
    return delegate.innerProduct(a, b);
  }

  @Override
  public Fr innerProduct(DeviceBuffer a, TypedVector b) {
    return delegate.innerProduct(a, b);
  }

  @Override
  public Fr divideByLinear(DeviceBuffer coefficients, Fr z, DeviceBuffer quotient) {
    return delegate.divideByLinear(coefficients, z, quotient);
  }
}

package dev.zkwasm.prover;

import dev.zkwasm.compute.ComputeBackend;
import dev.zkwasm.compute.DeviceBuffer;
import dev.zkwasm.poly.TypedVector;
import java.util.ArrayList;
import java.util.List;

/** Buffers that are freed together, at the end of the step that needs them. */
final class Buffers implements AutoCloseable {
  private final ComputeBackend backend;
  private final List<DeviceBuffer> buffers = new ArrayList<>();

  Buffers(ComputeBackend backend) {
    this.backend = backend;
  }

  /** A buffer of zeros. */
  DeviceBuffer allocate(int size) {
    return keep(backend.allocate(size));
  }

  /** A buffer of undefined content. */
  DeviceBuffer scratch(int size) {
    return keep(backend.scratch(size));
  }

  /** A buffer of a column. */
  DeviceBuffer upload(TypedVector values) {
    return keep(backend.upload(values));
  }

  private DeviceBuffer keep(DeviceBuffer buffer) {
    buffers.add(buffer);
    return buffer;
  }

  @Override
  public void close() {
    buffers.forEach(DeviceBuffer::close);
    buffers.clear();
  }
}

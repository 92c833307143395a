package dev.zkwasm.compute;

import dev.zkwasm.compute.cpu.CpuBackend;
import dev.zkwasm.field.Fr;
import dev.zkwasm.poly.TypedVector;

/** A device that does transforms of 64 elements, and nothing else. */
class ForwardingBackendTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return "cpu";
  }

  @Override
  protected int maxPoints() {
    return 257;
  }

  @Override
  protected int maxLogSize() {
    return 8;
  }

  @Override
  protected ComputeBackend open() {
    ComputeBackend other = new CpuBackend(1);
    return new ForwardingBackend(new CpuBackend(2)) {
      @Override
      public String name() {
        return "cpu";
      }

      @Override
      public String description() {
        return "test";
      }

      @Override
      public void cosetNtt(DeviceBuffer coefficients, Fr shift, DeviceBuffer values) {
        if (coefficients.size() != 64 || values.size() != 64) {
          super.cosetNtt(coefficients, shift, values);
          return;
        }
        try (DeviceBuffer there = other.upload(new TypedVector.Field(download(coefficients)))) {
          other.cosetNtt(there, shift, there);
          try (DeviceBuffer back = upload(new TypedVector.Field(other.download(there)))) {
            copy(back, 0, values, 0, 64);
          }
        }
      }

      @Override
      public void close() {
        other.close();
        super.close();
      }
    };
  }
}

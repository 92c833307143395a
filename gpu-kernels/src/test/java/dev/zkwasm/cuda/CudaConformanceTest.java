package dev.zkwasm.cuda;

import dev.zkwasm.compute.BackendConformanceTest;

/**
 * The backend as users get it, on a GPU; skipped aloud where there is none. With {@code
 * -Dconformance.small=true} in sizes for tools that make it a hundred times slower.
 */
class CudaConformanceTest extends BackendConformanceTest {
  private static final boolean SMALL = Boolean.getBoolean("conformance.small");

  @Override
  protected String backendName() {
    return CudaProvider.NAME;
  }

  @Override
  protected int maxPoints() {
    return SMALL ? 257 : super.maxPoints();
  }

  @Override
  protected int maxLogSize() {
    return SMALL ? 11 : super.maxLogSize();
  }
}

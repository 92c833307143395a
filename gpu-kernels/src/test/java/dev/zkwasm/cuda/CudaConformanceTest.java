package dev.zkwasm.cuda;

import dev.zkwasm.compute.BackendConformanceTest;

/** The backend as users get it, on a GPU; skipped aloud where there is none. */
class CudaConformanceTest extends BackendConformanceTest {
  @Override
  protected String backendName() {
    return CudaProvider.NAME;
  }
}

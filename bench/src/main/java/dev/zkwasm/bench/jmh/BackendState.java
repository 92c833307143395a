package dev.zkwasm.bench.jmh;

import dev.zkwasm.bench.kernel.Check;
import dev.zkwasm.bench.kernel.Roofline;
import dev.zkwasm.bench.kernel.Workload;
import dev.zkwasm.compute.BackendOptions;
import dev.zkwasm.compute.Backends;
import dev.zkwasm.compute.ComputeBackend;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A workload on an open backend; ends with a check of its last result. */
final class BackendState {
  private final ComputeBackend backend;
  private final Workload work;

  BackendState(String name, int threads, Function<ComputeBackend, ? extends Workload> workload) {
    backend = Backends.open(name, new BackendOptions(threads));
    Roofline.settle();
    work = workload.apply(backend);
  }

  static void run(@Nullable BackendState state) {
    present(state).work.run();
  }

  /** A benchmark of wrong results is none. */
  static void close(@Nullable BackendState state) {
    BackendState present = present(state);
    Check check = present.work.check();
    present.work.close();
    present.backend.close();
    if (check != Check.RIGHT) {
      throw new IllegalStateException("the result is wrong");
    }
  }

  private static BackendState present(@Nullable BackendState state) {
    if (state == null) {
      throw new IllegalStateException("not set up");
    }
    return state;
  }
}

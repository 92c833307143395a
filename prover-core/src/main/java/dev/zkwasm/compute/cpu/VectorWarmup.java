package dev.zkwasm.compute.cpu;

import dev.zkwasm.field.PrimeField;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gets the vector kernels compiled in the background, once per JVM.
 *
 * <p>Until the optimising compiler has seen them, vector operations are calls that allocate, and a
 * kernel is hundreds of times slower than scalar code: the first transform of a fresh JVM would
 * take seconds. So the scalar kernels work at first, the first request that is worth vectors starts
 * threads that run every kernel until it is fast, and from then on the vector kernels take over.
 */
final class VectorWarmup implements Engine.Warmup {
  static final VectorWarmup INSTANCE = new VectorWarmup();

  /**
   * Nanoseconds per group: compiled kernels take a seventh of this at most (30 to 140 with eight
   * lanes), others several times as much.
   */
  private static final long FAST = 1000;

  private static final long GIVE_UP_NANOS = 120_000_000_000L;
  private static final long SUMS_GIVE_UP_NANOS = 20_000_000_000L;

  /** Few, as they are slow at first; loops over them and over half of them must be loops. */
  private static final int GROUPS = 4;

  /** While the compiler works on a kernel for one thread, another gets the next one ready. */
  private static final int THREADS = 2;

  private static final AtomicBoolean STARTED = new AtomicBoolean();
  private static final CountDownLatch FINISHED = new CountDownLatch(1);
  private static final AtomicInteger RUNNING = new AtomicInteger(THREADS);

  /** The next of the kernels that no thread has taken. */
  private static final AtomicInteger NEXT = new AtomicInteger();

  private static final AtomicInteger NEXT_PROFILE = new AtomicInteger();
  private static final CountDownLatch PROFILED = new CountDownLatch(THREADS);

  private static volatile boolean allFast = true;
  private static volatile boolean ready;

  private VectorWarmup() {}

  /** Whether the kernels are compiled; the first call starts to have them compiled. */
  static boolean ready() {
    if (!ready) {
      INSTANCE.begin();
    }
    return ready;
  }

  /** Whether the kernels are compiled; does not have them compiled. */
  static boolean isReady() {
    return ready;
  }

  @Override
  public void begin() {
    if (STARTED.compareAndSet(false, true)) {
      Thread.Builder.OfPlatform threads =
          Thread.ofPlatform().daemon().name("zkwasm-vector-warmup-", 0);
      for (int i = 0; i < THREADS; i++) {
        threads.start(VectorWarmup::run);
      }
    }
  }

  @Override
  public void await() {
    begin();
    try {
      FINISHED.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run() {
    long start = System.nanoTime();
    boolean fast = false;
    try {
      fast = VectorKernels.supported() && collectProfiles() && compileShare(start + GIVE_UP_NANOS);
    } finally {
      if (!fast) {
        allFast = false;
      }
      if (RUNNING.decrementAndGet() == 0) {
        ready = allFast;
        FINISHED.countDown();
        // Not earlier: setting up logging would delay what everything else waits for.
        report(System.nanoTime() - start);
      }
    }
  }

  /**
   * One thread has operations on doubles run, one those on longs; both wait for each other, as
   * kernels mix them.
   */
  private static boolean collectProfiles() {
    try {
      VectorProfiles profiles = new VectorProfiles();
      if (NEXT_PROFILE.getAndIncrement() == 0) {
        profiles.ofLongs();
      } else {
        profiles.ofDoubles();
      }
    } finally {
      PROFILED.countDown();
    }
    try {
      PROFILED.await();
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** By the last thread. Where there are no vectors that suit, whoever opens a backend says so. */
  private static void report(long nanos) {
    Logger log = System.getLogger(VectorWarmup.class.getName());
    if (ready) {
      log.log(Level.DEBUG, "vector kernels compiled in {0} ms", nanos / 1_000_000);
    } else if (VectorKernels.supported()) {
      log.log(Level.WARNING, "the vector kernels did not get fast: computing with scalar ones");
    }
  }

  /**
   * Runs one kernel after another, of those that no thread has taken, until it is fast.
   *
   * @param deadline when to give up, by {@link System#nanoTime}
   * @return whether all of them got fast
   */
  private static boolean compileShare(long deadline) {
    Runnable[] kernels = kernels();
    for (int i = NEXT.getAndIncrement(); i < kernels.length; i = NEXT.getAndIncrement()) {
      if (!compile(kernels[i], deadline)) {
        return false;
      }
    }
    return true;
  }

  /** Runs a kernel until it is fast; whether it is before the deadline. */
  private static boolean compile(Runnable kernel, long deadline) {
    while (!isFast(kernel)) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Whether the kernels of running sums are compiled, too. Only tall columns need them, so a short
   * run does without: the first call after all others are compiled has these compiled and waits.
   */
  static boolean sumsReady() {
    return ready && Sums.READY;
  }

  /** The class loader has one thread compile, and the others wait. */
  private static final class Sums {
    static final boolean READY = compile();

    private static boolean compile() {
      long deadline = System.nanoTime() + SUMS_GIVE_UP_NANOS;
      VectorKernels k = new VectorKernels(PrimeField.FR);
      int n = GROUPS * VectorKernels.LANES;
      long[] packed = new long[4 * n];
      long[] halves = new long[2 * VectorKernels.LANES];
      double[] d = new double[GROUPS * VectorKernels.GROUP];
      double[] sum = new double[VectorKernels.GROUP];
      boolean fast =
          VectorWarmup.compile(() -> VectorKernels.addHalves(packed, 0, n, halves), deadline)
              && VectorWarmup.compile(() -> k.runningSums(d, 0, GROUPS, sum), deadline);
      if (!fast) {
        System.getLogger(VectorWarmup.class.getName())
            .log(Level.WARNING, "the kernels of running sums did not get fast: scalar ones do it");
      }
      return fast;
    }
  }

  /** Runs a kernel some times; whether one of them was fast. */
  private static boolean isFast(Runnable kernel) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 50; i++) {
      long start = System.nanoTime();
      kernel.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return best < FAST * GROUPS;
  }

  /**
   * All kernels but two ({@link Sums}) in all the ways they are used; each works on {@link #GROUPS}
   * groups.
   */
  private static Runnable[] kernels() {
    VectorKernels k = new VectorKernels(PrimeField.FR);
    int lanes = VectorKernels.LANES;
    int n = GROUPS * lanes;
    long[] packed = new long[4 * n];
    for (int i = 0; i < packed.length; i++) {
      packed[i] = i % 4 == 3 ? i : i * 0x9e3779b97f4a7c15L;
    }
    double[] a = new double[2 * GROUPS * VectorKernels.GROUP];
    double[] b = new double[2 * GROUPS * VectorKernels.GROUP];
    double[] d = new double[2 * GROUPS * VectorKernels.GROUP];
    k.unpack(packed, 0, lanes, a, 0, GROUPS);
    k.unpack(packed, 0, lanes, b, 0, GROUPS);
    int[] order = new int[GROUPS];
    for (int g = 0; g < GROUPS; g++) {
      order[g] = GROUPS - 1 - g;
    }
    // Half as many points as elements, some of them complemented.
    int[] index = new int[n];
    int[] place = new int[n];
    for (int i = 0; i < n; i++) {
      place[i] = i / 2;
      index[i] = i % 3 == 0 ? ~place[i] : place[i];
    }
    long[] x = new long[4 * n];
    long[] y = new long[4 * n];
    long[] signs = new long[n];
    int[] factors = {0, 1, GROUPS, 0, GROUPS, 1, 0, 1};
    int[] terms = {0, 1, GROUPS, 0};
    double[] twoSigns = {1, -1};
    return new Runnable[] {
      () -> k.mul(a, 0, b, 0, d, 0, GROUPS),
      () -> k.sumOfProducts(d, factors, twoSigns, 0, GROUPS),
      () -> {
        k.addTerms(a, terms, twoSigns, false, GROUPS, GROUPS);
        k.addTerms(a, terms, twoSigns, true, GROUPS, GROUPS);
        k.centre(a, GROUPS, GROUPS);
      },
      () -> {
        k.butterflies(d, 0, 1, GROUPS / 2, b, 0);
        k.centre(d, 0, GROUPS);
        k.butterflies(d, 0, GROUPS / 2, 1, b, 0);
        k.centre(d, 0, GROUPS);
      },
      () -> k.unpack(packed, 0, lanes, d, 0, GROUPS),
      () -> k.unpackHalved(packed, 0, d, 0, GROUPS),
      () -> {
        VectorKernels.reorder(packed, 0, GROUPS, 1, x, 0, 1, lanes, GROUPS);
        VectorKernels.reorder(packed, 0, 1, lanes, x, 0, GROUPS, 1, GROUPS);
      },
      () -> {
        k.pack(a, 0, null, 0, packed, 0, lanes, GROUPS);
        k.pack(a, 0, order, 0, packed, 0, lanes, GROUPS);
      },
      () -> {
        VectorKernels.gather(packed, index, n / 2, x, y);
        VectorKernels.scatter(x, y, place, n / 2, packed);
      },
      () -> VectorKernels.negateComplemented(index, d, 0, GROUPS, signs),
      () -> VectorKernels.zeros(a, 0, GROUPS, place),
      () -> k.add(a, 0, b, 0, d, 0, GROUPS),
      () -> k.sub(a, 0, b, 0, d, 0, GROUPS),
      () -> k.subtractLimbs(a, 0, b, 0, d, 0, GROUPS),
      () -> k.subTwiceLess(a, 0, b, 0, b, 0, d, 0, GROUPS),
      () -> {
        k.sumsAndDifferences(d, 0, GROUPS / 2);
        k.centreRows(d, 0, 2, GROUPS / 2, 1);
        k.centre(d, 0, GROUPS);
      },
    };
  }
}

package dev.zkwasm.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import dev.zkwasm.compute.BackendException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A device of the CUDA driver, in its primary context, with one stream. Transfers go through pinned
 * staging buffers, so that uploads do not wait for running work.
 */
final class JcudaDevice implements Device {
  /** Oldest compute capability that there are binaries for, times ten. */
  private static final int OLDEST_CAPABILITY = 75;

  /** What a driver says of a binary that is not for it, rather than of the device. */
  private static final Set<Integer> UNUSABLE =
      Set.of(
          CUresult.CUDA_ERROR_INVALID_IMAGE,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND,
          CUresult.CUDA_ERROR_NOT_FOUND);

  private static final Logger LOG = System.getLogger(JcudaDevice.class.getName());

  private static final int STAGING_BYTES = 1 << 20;
  private static final int STAGING_SLOTS = 32;

  private final CUdevice device = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final CUstream stream = new CUstream();
  private final CUmodule module = new CUmodule();
  private final Map<Kernel, CUfunction> functions = new EnumMap<>(Kernel.class);

  /** The kernels of programs that were asked for; nothing for those that have no binary. */
  private final Map<String, Optional<CUfunction>> programs = new HashMap<>();

  private final Set<Long> allocations = new HashSet<>();
  private final List<Staging> uploads = new ArrayList<>();
  private final List<AutoCloseable> undo = new ArrayList<>();
  private final Object uploading = new Object();
  private final Object downloading = new Object();
  private final String description;
  private final Optional<Nvml> sensors;
  private final int multiprocessors;
  private Pointer downloadPointer = new Pointer();
  private ByteBuffer downloadBuffer = ByteBuffer.allocate(0);
  private int nextUpload;
  private boolean open = true;

  /** Pinned memory, and the event after which it may be written again. */
  private record Staging(Pointer pointer, ByteBuffer buffer, CUevent done) {}

  /** An address as JCuda has them. */
  private static final class Address extends CUdeviceptr {
    Address() {}

    private Address(long value) {
      super(new CUdeviceptr(), value);
    }

    static Address of(long value) {
      return new Address(value);
    }

    long value() {
      return getNativePointer() + getByteOffset();
    }
  }

  /**
   * Opens a device; the driver must be {@link CudaDriver#probe there}.
   *
   * @param ordinal the driver's number of the device
   * @param image the kernels, a fat binary
   * @throws BackendException if it cannot be used, with the reason
   */
  JcudaDevice(int ordinal, byte[] image) {
    boolean done = false;
    try {
      check(JCudaDriver.cuDeviceGet(device, ordinal), "device " + ordinal);
      multiprocessors = attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
      description = describe(ordinal);
      sensors = sensors();
      check(JCudaDriver.cuDevicePrimaryCtxRetain(context, device), "opening a context");
      undo.add(() -> JCudaDriver.cuDevicePrimaryCtxRelease(device));
      makeCurrent();
      check(JCudaDriver.cuStreamCreate(stream, 1), "making a stream");
      undo.add(() -> JCudaDriver.cuStreamDestroy(stream));
      check(JCudaDriver.cuModuleLoadData(module, image), "loading the kernels");
      undo.add(() -> JCudaDriver.cuModuleUnload(module));
      for (Kernel kernel : Kernel.values()) {
        functions.put(kernel, function(module, kernel));
      }
      for (int i = 0; i < STAGING_SLOTS; i++) {
        Pointer pointer = pinned();
        CUevent event = new CUevent();
        check(JCudaDriver.cuEventCreate(event, 2), "making an event");
        undo.add(() -> JCudaDriver.cuEventDestroy(event));
        uploads.add(new Staging(pointer, pointer.getByteBuffer(0, STAGING_BYTES), event));
        check(JCudaDriver.cuEventRecord(event, stream), "recording an event");
      }
      downloadPointer = pinned();
      downloadBuffer = downloadPointer.getByteBuffer(0, STAGING_BYTES);
      done = true;
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private Pointer pinned() {
    Pointer pointer = new Pointer();
    check(JCudaDriver.cuMemHostAlloc(pointer, STAGING_BYTES, 0), "allocating pinned memory");
    undo.add(() -> JCudaDriver.cuMemFreeHost(pointer));
    return pointer;
  }

  private int attribute(int which) {
    int[] value = new int[1];
    check(JCudaDriver.cuDeviceGetAttribute(value, which, device), "reading an attribute");
    return value[0];
  }

  private String describe(int ordinal) {
    int major = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    long[] total = new long[1];
    check(JCudaDriver.cuDeviceTotalMem(total, device), "reading the memory's size");
    String text =
        "%s (device %d), compute capability %d.%d, %d multiprocessors, %d MiB"
            .formatted(name(device), ordinal, major, minor, multiprocessors, total[0] >> 20);
    if (10 * major + minor < OLDEST_CAPABILITY) {
      throw new BackendException("cuda: " + text + " is older than compute capability 7.5");
    }
    return text;
  }

  /** A device's name. */
  static String name(CUdevice device) {
    byte[] name = new byte[256];
    check(JCudaDriver.cuDeviceGetName(name, name.length, device), "reading a device's name");
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.US_ASCII);
  }

  /** Throws unless a driver call succeeded. */
  static void check(int result, String what) {
    if (result != CUresult.CUDA_SUCCESS) {
      String[] text = new String[1];
      JCudaDriver.cuGetErrorString(result, text);
      throw new BackendException(
          "cuda: %s failed: %s (%s)".formatted(what, CUresult.stringFor(result), text[0]));
    }
  }

  /** The driver's calls are about the calling thread's context. */
  private void makeCurrent() {
    if (!open) {
      throw new IllegalStateException("the backend is closed");
    }
    check(JCudaDriver.cuCtxSetCurrent(context), "choosing the context");
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public int multiprocessors() {
    return multiprocessors;
  }

  @Override
  public Map<String, Double> readings() {
    return sensors.map(Nvml::readings).orElse(Map.of());
  }

  private Optional<Nvml> sensors() {
    String[] busId = new String[1];
    return JCudaDriver.cuDeviceGetPCIBusId(busId, 32, device) == CUresult.CUDA_SUCCESS
        ? Nvml.of(busId[0])
        : Optional.empty();
  }

  @Override
  public long availableMemory() {
    makeCurrent();
    long[] available = new long[1];
    check(JCudaDriver.cuMemGetInfo(available, new long[1]), "reading the free memory");
    return available[0];
  }

  @Override
  public long allocate(long bytes) {
    makeCurrent();
    Address address = new Address();
    int result = JCudaDriver.cuMemAlloc(address, bytes);
    if (result == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      return 0;
    }
    check(result, "allocating " + bytes + " bytes");
    synchronized (allocations) {
      allocations.add(address.value());
    }
    return address.value();
  }

  @Override
  public void free(long address) {
    makeCurrent();
    synchronized (allocations) {
      if (!allocations.remove(address)) {
        throw new IllegalStateException("freed what is not allocated");
      }
    }
    // The driver does not promise that freeing waits for what still uses the memory. The results
    // are about earlier work: a failure shows at the next operation, and must not keep anybody from
    // giving memory back.
    JCudaDriver.cuStreamSynchronize(stream);
    JCudaDriver.cuMemFree(Address.of(address));
  }

  @Override
  public void upload(MemorySegment from, long to) {
    makeCurrent();
    synchronized (uploading) {
      for (long at = 0; at < from.byteSize(); at += STAGING_BYTES) {
        long count = Math.min(STAGING_BYTES, from.byteSize() - at);
        Staging staging = uploads.get(nextUpload);
        nextUpload = (nextUpload + 1) % STAGING_SLOTS;
        check(JCudaDriver.cuEventSynchronize(staging.done), "waiting for an upload");
        MemorySegment.ofBuffer(staging.buffer).asSlice(0, count).copyFrom(from.asSlice(at, count));
        check(
            JCudaDriver.cuMemcpyHtoDAsync(Address.of(to + at), staging.pointer, count, stream),
            "an upload");
        check(JCudaDriver.cuEventRecord(staging.done, stream), "recording an event");
      }
    }
  }

  @Override
  public void download(long from, MemorySegment to) {
    makeCurrent();
    synchronized (downloading) {
      for (long at = 0; at < to.byteSize(); at += STAGING_BYTES) {
        long count = Math.min(STAGING_BYTES, to.byteSize() - at);
        check(
            JCudaDriver.cuMemcpyDtoHAsync(downloadPointer, Address.of(from + at), count, stream),
            "a download");
        check(JCudaDriver.cuStreamSynchronize(stream), "the work on the device");
        to.asSlice(at, count).copyFrom(MemorySegment.ofBuffer(downloadBuffer).asSlice(0, count));
      }
    }
  }

  @Override
  public void copy(long from, long to, long bytes) {
    if (bytes > 0) {
      makeCurrent();
      check(
          JCudaDriver.cuMemcpyDtoDAsync(Address.of(to), Address.of(from), bytes, stream), "a copy");
    }
  }

  @Override
  public void clear(long address, long bytes) {
    if (bytes > 0) {
      makeCurrent();
      check(
          JCudaDriver.cuMemsetD8Async(Address.of(address), (byte) 0, bytes, stream),
          "clearing memory");
    }
  }

  @Override
  public boolean load(ProgramKernel kernel) {
    makeCurrent();
    synchronized (programs) {
      Optional<CUfunction> known = programs.get(kernel.symbol());
      if (known == null) {
        known = KernelImage.ofProgram(kernel).flatMap(image -> function(image, kernel));
        programs.put(kernel.symbol(), known);
      }
      return known.isPresent();
    }
  }

  /**
   * Loads a binary of one kernel; it stays until the device is closed. Nothing if the driver cannot
   * use it, which costs time and is no reason to do without the device.
   */
  private Optional<CUfunction> function(byte[] image, ProgramKernel kernel) {
    CUmodule own = new CUmodule();
    int loaded = JCudaDriver.cuModuleLoadData(own, image);
    if (UNUSABLE.contains(loaded)) {
      return refused(kernel, loaded);
    }
    check(loaded, "loading " + kernel.symbol());
    undo.add(() -> JCudaDriver.cuModuleUnload(own));
    CUfunction function = new CUfunction();
    int found = JCudaDriver.cuModuleGetFunction(function, own, kernel.symbol());
    if (UNUSABLE.contains(found)) {
      return refused(kernel, found);
    }
    check(found, "finding kernel " + kernel.symbol());
    return Optional.of(function);
  }

  private Optional<CUfunction> refused(ProgramKernel kernel, int result) {
    LOG.log(
        Level.WARNING,
        "cuda: the driver of {0} cannot use the binary of {1}: {2}",
        description,
        kernel.symbol(),
        CUresult.stringFor(result));
    return Optional.empty();
  }

  private static CUfunction function(CUmodule module, DeviceFunction kernel) {
    CUfunction function = new CUfunction();
    check(
        JCudaDriver.cuModuleGetFunction(function, module, kernel.symbol()),
        "finding kernel " + kernel.symbol());
    return function;
  }

  private CUfunction function(DeviceFunction kernel) {
    return switch (kernel) {
      case Kernel k -> Objects.requireNonNull(functions.get(k));
      case ProgramKernel p -> {
        synchronized (programs) {
          yield programs
              .getOrDefault(p.symbol(), Optional.empty())
              .orElseThrow(() -> new IllegalStateException(p.symbol() + " is not loaded"));
        }
      }
    };
  }

  @Override
  public void launch(
      DeviceFunction kernel, int grid, int block, int sharedBytes, byte[]... arguments) {
    makeCurrent();
    Pointer[] pointers = new Pointer[arguments.length];
    for (int i = 0; i < pointers.length; i++) {
      pointers[i] = Pointer.to(arguments[i]);
    }
    check(
        JCudaDriver.cuLaunchKernel(
            function(kernel),
            grid,
            1,
            1,
            block,
            1,
            1,
            sharedBytes,
            stream,
            Pointer.to(pointers),
            null),
        "launching " + kernel.symbol());
  }

  @Override
  public void close() {
    if (!open) {
      return;
    }
    // After a failure of the device every call fails; what can be freed is freed all the same.
    JCudaDriver.cuCtxSetCurrent(context);
    JCudaDriver.cuStreamSynchronize(stream);
    open = false;
    synchronized (allocations) {
      allocations.forEach(address -> JCudaDriver.cuMemFree(Address.of(address)));
      allocations.clear();
    }
    for (AutoCloseable step : undo.reversed()) {
      try {
        step.close();
      } catch (Exception e) {
        throw new BackendException("cuda: closing the device", e);
      }
    }
    undo.clear();
  }
}

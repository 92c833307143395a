package dev.zkwasm.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.zkwasm.compute.BackendException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A device on the host: its memory is native memory with guard bytes, its launches run the kernels,
 * compiled by g++, thread after thread.
 */
final class EmulatedDevice implements Device {
  /** In which order threads of a block, and blocks, run between two barriers. */
  enum Order {
    FORWARDS,
    BACKWARDS,
    SHUFFLED
  }

  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle launch;
  private final MethodHandle failure;
  private final MethodHandle hasKernel;
  private final boolean generated;
  private final long capacity;
  private final Map<Long, Long> allocations = new HashMap<>();
  private final Map<DeviceFunction, Long> launches = new HashMap<>();
  private long allocated;

  /**
   * A device.
   *
   * @param capacity bytes of memory
   * @param order of threads and blocks
   */
  EmulatedDevice(long capacity, Order order) {
    this(capacity, order, List.of());
  }

  /**
   * A device that has kernels made from programs.
   *
   * @param programs the kernels; without any it has none, whatever others have loaded
   */
  EmulatedDevice(long capacity, Order order, Collection<ProgramKernel> programs) {
    HostLibrary library = HostLibrary.get();
    this.capacity = capacity;
    this.generated = !programs.isEmpty();
    if (generated) {
      library.load(programs);
    }
    hasKernel = library.function("emulation_has_kernel", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    allocate = library.function("emulation_allocate", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG));
    free = library.function("emulation_free", FunctionDescriptor.of(JAVA_INT, JAVA_LONG));
    launch =
        library.function(
            "emulation_launch",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    failure = library.function("emulation_failure", FunctionDescriptor.of(ADDRESS));
    call(library.function("emulation_order", FunctionDescriptor.ofVoid(JAVA_INT)), order.ordinal());
  }

  private static Object call(MethodHandle handle, Object... arguments) {
    try {
      return handle.invokeWithArguments(arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public String description() {
    return "emulated on the host";
  }

  @Override
  public int multiprocessors() {
    return 1;
  }

  @Override
  public synchronized long availableMemory() {
    return capacity - allocated;
  }

  @Override
  public synchronized long allocate(long bytes) {
    if (bytes > availableMemory()) {
      return 0;
    }
    long address = (long) call(allocate, bytes);
    allocations.put(address, bytes);
    allocated += bytes;
    return address;
  }

  @Override
  public synchronized void free(long address) {
    Long bytes = allocations.remove(address);
    if (bytes == null) {
      throw new AssertionError("freed what is not allocated");
    }
    allocated -= bytes;
    int result = (int) call(free, address);
    if (result != 0) {
      throw new AssertionError("a kernel wrote behind " + bytes + " bytes of memory");
    }
  }

  private synchronized MemorySegment memory(long address, long bytes) {
    boolean inside =
        allocations.entrySet().stream()
            .anyMatch(e -> e.getKey() <= address && address + bytes <= e.getKey() + e.getValue());
    if (!inside && bytes > 0) {
      throw new AssertionError(bytes + " bytes outside of what is allocated");
    }
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  @Override
  public void upload(MemorySegment from, long to) {
    memory(to, from.byteSize()).copyFrom(from);
  }

  @Override
  public void download(long from, MemorySegment to) {
    to.copyFrom(memory(from, to.byteSize()));
  }

  @Override
  public void copy(long from, long to, long bytes) {
    memory(to, bytes).copyFrom(memory(from, bytes));
  }

  @Override
  public void clear(long address, long bytes) {
    memory(address, bytes).fill((byte) 0);
  }

  /** How often a kernel was launched. */
  synchronized long launches(DeviceFunction kernel) {
    return launches.getOrDefault(kernel, 0L);
  }

  @Override
  public boolean load(ProgramKernel kernel) {
    try (Arena arena = Arena.ofConfined()) {
      return generated && (int) call(hasKernel, arena.allocateFrom(kernel.symbol())) != 0;
    }
  }

  @Override
  public void launch(
      DeviceFunction kernel, int grid, int block, int sharedBytes, byte[]... arguments) {
    synchronized (this) {
      launches.merge(kernel, 1L, Long::sum);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointers = arena.allocate(ADDRESS, arguments.length);
      for (int i = 0; i < arguments.length; i++) {
        pointers.setAtIndex(ADDRESS, i, arena.allocateFrom(JAVA_BYTE, arguments[i]));
      }
      MemorySegment name = arena.allocateFrom(kernel.symbol());
      int result = (int) call(launch, name, grid, block, sharedBytes, pointers);
      if (result != 0) {
        MemorySegment message = ((MemorySegment) call(failure)).reinterpret(1 << 10);
        throw new BackendException(
            "emulated launch of %s, %d blocks of %d: %s"
                .formatted(
                    kernel.symbol(),
                    grid,
                    block,
                    result == 1 ? "no such kernel or shape" : message.getString(0)));
      }
    }
  }

  @Override
  public void close() {
    for (long address : allocations.keySet().stream().toList()) {
      free(address);
    }
  }
}

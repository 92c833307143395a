package dev.zkwasm.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/**
 * A GPU with its memory and one queue of work: what is asked of it happens in the order of the
 * calls, whichever threads they come from. Only {@link #download} and {@link #free} wait.
 *
 * <p>Addresses are the device's. Failures throw {@link dev.zkwasm.compute.BackendException}; those
 * of a launch may show at a later call, and then every further call fails too.
 */
interface Device extends AutoCloseable {
  /** Name and figures, for people. */
  String description();

  /** Number of multiprocessors, by which grids are sized. */
  int multiprocessors();

  /** What its sensors say now, see {@link Nvml#readings}; empty if it has none. */
  default Map<String, Double> readings() {
    return Map.of();
  }

  /** Bytes that may be allocated now. */
  long availableMemory();

  /** The address of new, uninitialised memory, aligned to 256 bytes; 0 if there is not so much. */
  long allocate(long bytes);

  /** Frees what {@link #allocate} gave, once all work asked for before is done. */
  void free(long address);

  /** Copies to the device; the source may be changed as soon as this returns. */
  void upload(MemorySegment from, long to);

  /** Copies from the device, after all work asked for before. */
  void download(long from, MemorySegment to);

  /** Copies within the device. */
  void copy(long from, long to, long bytes);

  /** Fills with zero bytes. */
  void clear(long address, long bytes);

  /**
   * Whether there is a binary of a program's kernel for this device; loads it if so. If not, it
   * must not be launched.
   */
  boolean load(ProgramKernel kernel);

  /**
   * Runs a kernel.
   *
   * @param kernel one that comes with the program, or that was {@link #load loaded}
   * @param grid number of blocks
   * @param block threads per block
   * @param sharedBytes dynamic shared memory of a block, at most 48 KiB
   * @param arguments the kernel's parameters in order, each as the device has it in memory; see
   *     {@link Arguments}
   */
  void launch(DeviceFunction kernel, int grid, int block, int sharedBytes, byte[]... arguments);

  /** Frees everything. */
  @Override
  void close();
}

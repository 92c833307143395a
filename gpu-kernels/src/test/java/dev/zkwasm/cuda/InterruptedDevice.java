package dev.zkwasm.cuda;

import java.lang.foreign.MemorySegment;

/** A device to which something happens at one of its calls; memory is always given back. */
final class InterruptedDevice implements Device {
  private final Device device;
  private Runnable event = () -> {};
  private long calls;
  private long at;

  InterruptedDevice(Device device) {
    this.device = device;
  }

  /**
   * Counts calls from now on; before call {@code at} of them, if there is one, something happens.
   */
  synchronized void expect(long at, Runnable event) {
    this.at = at;
    this.event = event;
    calls = 0;
  }

  /** Calls since then. */
  synchronized long calls() {
    return calls;
  }

  private void count() {
    Runnable now;
    synchronized (this) {
      calls++;
      now = calls == at ? event : () -> {};
    }
    now.run();
  }

  @Override
  public String description() {
    return device.description();
  }

  @Override
  public int multiprocessors() {
    return device.multiprocessors();
  }

  @Override
  public long availableMemory() {
    return device.availableMemory();
  }

  @Override
  public long allocate(long bytes) {
    count();
    return device.allocate(bytes);
  }

  @Override
  public void free(long address) {
    device.free(address);
  }

  @Override
  public void upload(MemorySegment from, long to) {
    count();
    device.upload(from, to);
  }

  @Override
  public void download(long from, MemorySegment to) {
    count();
    device.download(from, to);
  }

  @Override
  public void copy(long from, long to, long bytes) {
    count();
    device.copy(from, to, bytes);
  }

  @Override
  public void clear(long address, long bytes) {
    count();
    device.clear(address, bytes);
  }

  @Override
  public boolean load(ProgramKernel kernel) {
    return device.load(kernel);
  }

  @Override
  public void launch(
      DeviceFunction kernel, int grid, int block, int sharedBytes, byte[]... arguments) {
    count();
    device.launch(kernel, grid, block, sharedBytes, arguments);
  }

  @Override
  public void close() {
    device.close();
  }
}

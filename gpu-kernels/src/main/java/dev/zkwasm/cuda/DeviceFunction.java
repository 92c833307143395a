package dev.zkwasm.cuda;

/** What a device can be asked to launch. */
sealed interface DeviceFunction permits Kernel, ProgramKernel {
  /** Its name in the device code. */
  String symbol();
}

/**
 * The compute backend for NVIDIA GPUs: kernels in CUDA (under {@code src/main/cuda}), launched from
 * Java through the driver alone.
 *
 * <p>{@link dev.zkwasm.cuda.Device} is the seam: what allocates, copies and launches. Above it is
 * the orchestration, below it a real device or, in tests, a grid that is emulated on the host and
 * runs the same kernels.
 */
package dev.zkwasm.cuda;

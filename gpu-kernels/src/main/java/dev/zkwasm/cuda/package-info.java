/**
 * Will hold the compute backend for NVIDIA GPUs: MSM and NTT kernels in CUDA, called from Java.
 *
 * <p>There is nothing here yet: no kernel, no backend, and none is registered.
 */
package dev.zkwasm.cuda;

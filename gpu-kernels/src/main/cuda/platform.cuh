// What differs between nvcc and a host compiler. Kernels are written in plain CUDA; a host compiler builds the same
// source for tests, with the grid emulated by emulation.h.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__
#define DEVICE __device__ __forceinline__
// For what is large and called in many places, or seldom.
#define DEVICE_CALL static __device__ __noinline__
#define KERNEL extern "C" __global__ void
#define KERNEL_LIMITS(threads, blocks) extern "C" __global__ __launch_bounds__(threads, blocks) void
// A block's dynamic shared memory as an array.
extern __shared__ uint4 shared_memory[];
#define SHARED(type, name) type* name = reinterpret_cast<type*>(shared_memory)
#else
#include "emulation.h"
#define DEVICE inline
#define DEVICE_CALL inline
#define KERNEL extern "C" void
#define KERNEL_LIMITS(threads, blocks) extern "C" void
#define SHARED(type, name) type* name = reinterpret_cast<type*>(emulated_shared())
#endif

// Index of this thread in the grid, and number of threads of the grid.
DEVICE size_t thread_index() { return size_t(blockIdx.x) * blockDim.x + threadIdx.x; }
DEVICE size_t thread_count() { return size_t(gridDim.x) * blockDim.x; }

DEVICE int leading_zeros(uint32_t x) {
#ifdef __CUDACC__
  return __clz(int(x));
#else
  return x == 0 ? 32 : __builtin_clz(x);
#endif
}

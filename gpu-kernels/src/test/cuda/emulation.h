// A grid of threads on the host: enough of CUDA for the kernels of src/main/cuda to run in tests.
//
// Launches run block by block, thread by thread. A kernel with barriers runs each thread of a block as a fiber, from one
// barrier to the next. Memory that a kernel gets uninitialised is filled with a pattern; threads and blocks may be run in
// order, backwards or shuffled, anew from barrier to barrier, so that what depends on it shows.
#pragma once
#include <stddef.h>
#include <stdint.h>

struct EmulatedIndex {
  uint32_t x;
};

extern EmulatedIndex threadIdx, blockIdx, blockDim, gridDim;

void __syncthreads();

// The block's shared memory.
void* emulated_shared();

// Makes the launch fail with this message if something that must hold does not.
void emulation_check(bool holds, const char* message);

inline uint32_t atomicAdd(uint32_t* at, uint32_t addend) {
  uint32_t old = *at;
  *at = old + addend;
  return old;
}

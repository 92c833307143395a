// What the kernels generated from pointwise programs are made of; see ProgramKernel.java.
//
// A generated kernel is straight-line code of up to a thousand operations that every warp runs through once per row, so
// what counts is its size: operations are calls. With sums in place it would be twice as large and spill more.
#pragma once
#include "field.cuh"

#ifdef __CUDACC__
#define PROGRAM_CALL DEVICE_CALL
#else
#define PROGRAM_CALL static __attribute__((noinline, unused))
#endif

PROGRAM_CALL Fr program_product(Fr a, Fr b) { return a * b; }
PROGRAM_CALL Fr program_sum(Fr a, Fr b) { return a + b; }
PROGRAM_CALL Fr program_difference(Fr a, Fr b) { return a - b; }

// Row `row + rotation` of a cyclic column; rotations are those of the program, of any size.
// Only the last rows pay for a division.
DEVICE size_t rotated(size_t row, uint32_t rotation, size_t rows) {
  size_t at = row + rotation;
  return at < rows ? at : at % rows;
}

// Kernels over vectors of scalar field elements: everything of the backend but transforms and sums of points.
//
// n is the number of elements unless said otherwise. Grids are of any size: threads stride.
#pragma once
#include "field.cuh"

// Integers of a typed column, 1, 2, 4 or 8 bytes each, as plain numbers.
DEVICE uint64_t typed_element(const void* raw, uint32_t bytes, size_t i) {
  switch (bytes) {
    case 1:
      return static_cast<const uint8_t*>(raw)[i];
    case 2:
      return static_cast<const uint16_t*>(raw)[i];
    case 4:
      return static_cast<const uint32_t*>(raw)[i];
    default:
      return static_cast<const uint64_t*>(raw)[i];
  }
}

DEVICE Fr plain_number(uint64_t x) {
  Fr r = Fr::zero();
  r.limb[0] = uint32_t(x);
  r.limb[1] = uint32_t(x >> 32);
  return r;
}

// out[i] = raw[i] as field elements.
KERNEL fr_expand(const void* raw, uint32_t bytes, uint64_t n, Fr* out) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    store_canonical(out + i, plain_number(typed_element(raw, bytes, i)) * Fr::radix_squared());
  }
}

// d[i] = a[i] + b[i] (operation 0), a[i] - b[i] (1), a[i] b[i] (2).
KERNEL fr_binary(uint32_t operation, const Fr* a, const Fr* b, uint64_t n, Fr* d) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr x = load(a + i), y = load(b + i);
    store_canonical(d + i, operation == 0 ? x + y : operation == 1 ? x - y : x * y);
  }
}

// d[i] = d[i] factor + addend.
KERNEL fr_affine(Fr* d, uint64_t n, Fr factor, Fr addend) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    store_canonical(d + i, load(d + i) * factor + addend);
  }
}

// d[offset + stride i] += factor a[i].
KERNEL fr_add_scaled(Fr* d, uint64_t offset, uint64_t stride, Fr factor, const Fr* a, uint64_t n) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr* at = d + offset + stride * i;
    store_canonical(at, load(at) + load(a + i) * factor);
  }
}

// A vector of a linear combination, of `size` elements, then zeros.
struct alignas(16) Term {
  const Fr* vector;
  uint64_t size;
  Fr factor;
};

// d[i] = sum of the terms; a term's vector may be d.
KERNEL fr_combine(const Term* terms, uint32_t count, Fr* d, uint64_t n) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr sum = Fr::zero();
    for (uint32_t k = 0; k < count; k++) {
      if (i < terms[k].size) sum = sum + load(terms[k].vector + i) * load(&terms[k].factor);
    }
    store_canonical(d + i, sum);
  }
}

// ratio^(2^j) for j < 32.
struct Squares {
  Fr power[32];
};

DEVICE Fr power_of(const Squares& squares, uint64_t exponent) {
  Fr r = Fr::one();
  for (int j = 0; exponent != 0; j++, exponent >>= 1) {
    if (exponent & 1) r = r * squares.power[j];
  }
  return r;
}

// d[i] = first ratio^i; each thread makes `run` consecutive ones.
KERNEL fr_powers(Fr first, Squares squares, Fr* d, uint64_t n, uint32_t run) {
  uint64_t runs = (n + run - 1) / run;
  for (size_t k = thread_index(); k < runs; k += thread_count()) {
    uint64_t from = k * run, to = from + run < n ? from + run : n;
    Fr x = first * power_of(squares, from);
    for (uint64_t i = from; i < to; i++) {
      store_canonical(d + i, x);
      x = x * squares.power[0];
    }
  }
}

// d[i] = 1 / a[i], 0 where that is 0; *zero_at becomes 1 + the index of a zero, if there is one. Montgomery's trick:
// thread t inverts the product of elements t, t + T, t + 2 T, ... for T threads. prefix has n elements; d may be a.
KERNEL fr_invert(const Fr* a, Fr* d, Fr* prefix, uint64_t n, uint32_t* zero_at) {
  size_t first = thread_index(), step = thread_count();
  if (first >= n) return;
  Fr product = Fr::one();
  size_t i = first;
  for (; i < n; i += step) {
    store(prefix + i, product);
    Fr x = load(a + i);
    if (x.is_null()) {
      *zero_at = uint32_t(i + 1);
    } else {
      product = product * x;
    }
  }
  Fr inverse = product.inverse();
  while (true) {
    i -= step;
    Fr x = load(a + i);
    if (x.is_null()) {
      store(d + i, x);
    } else {
      store_canonical(d + i, inverse * load(prefix + i));
      inverse = inverse * x;
    }
    if (i == first) break;
  }
}

// ---- Sums.

// The sum of one element per thread of the block, in thread 0. Every thread of the block must call it; shared has one
// element per thread. Block sizes are powers of two.
DEVICE Fr block_sum(Fr* shared, Fr x) {
  uint32_t t = threadIdx.x;
  store(shared + t, x);
  __syncthreads();
  for (uint32_t half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) store(shared + t, load(shared + t) + load(shared + t + half));
    __syncthreads();
  }
  return load(shared);
}

// out[block] = the block's part of sum_i a[i] b[i], b field elements (bytes = 32) or typed. The product with a plain
// number lacks a factor R, which is put back at the end.
KERNEL fr_inner_product(const Fr* a, const void* b, uint32_t bytes, uint64_t n, Fr* out) {
  SHARED(Fr, shared);
  Fr sum = Fr::zero();
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr y = bytes == 32 ? load(static_cast<const Fr*>(b) + i) : plain_number(typed_element(b, bytes, i));
    sum = sum + load(a + i) * y;
  }
  sum = block_sum(shared, sum);
  if (threadIdx.x == 0) {
    if (bytes != 32) sum = sum * Fr::radix_squared();
    store_canonical(out + blockIdx.x, sum);
  }
}

// out[block] = the block's part of sum_i a[i].
KERNEL fr_sum(const Fr* a, uint64_t n, Fr* out) {
  SHARED(Fr, shared);
  Fr sum = Fr::zero();
  for (size_t i = thread_index(); i < n; i += thread_count()) sum = sum + load(a + i);
  sum = block_sum(shared, sum);
  if (threadIdx.x == 0) store_canonical(out + blockIdx.x, sum);
}

// ---- Linear recurrences: x_0 given, x_(i+1) = z x_i + a_i. Running sums (z = 1, upwards), division by X - z and
// evaluation at z (downwards) are all of this kind.
//
// A block does RUN elements per thread. Element i of the recurrence is a[i - pad], or a[n - 1 - (i - pad)] downwards, and
// zero for i < pad, where pad fills the first block up.

static constexpr uint32_t RUN = 8;

// z^(RUN 2^j): what a thread's value is worth 2^j threads further on.
struct Weights {
  Fr z;
  Fr step[10];
};

struct Recurrence {
  const Fr* a;
  uint64_t n;
  uint64_t pad;
  uint32_t down;

  DEVICE bool exists(uint64_t i) const { return i >= pad; }
  DEVICE uint64_t index(uint64_t i) const { return down ? n - 1 - (i - pad) : i - pad; }
};

// The value after a thread's own elements, from x before them.
template <bool WEIGHTED>
DEVICE Fr recurrence_run(const Recurrence& r, const Weights& w, Fr x) {
  uint64_t from = thread_index() * RUN;
  for (uint32_t k = 0; k < RUN; k++) {
    if (WEIGHTED) x = x * w.z;
    if (r.exists(from + k)) x = x + load(r.a + r.index(from + k));
  }
  return x;
}

// Inclusive scan over the block; afterwards shared[t] is the value after thread t's elements.
template <bool WEIGHTED>
DEVICE void recurrence_scan(Fr* shared, const Weights& w, Fr x) {
  uint32_t t = threadIdx.x;
  store(shared + t, x);
  __syncthreads();
  for (uint32_t d = 1, j = 0; d < blockDim.x; d *= 2, j++) {
    if (t >= d) {
      Fr left = load(shared + t - d);
      x = x + (WEIGHTED ? left * w.step[j] : left);
    }
    __syncthreads();
    store(shared + t, x);
    __syncthreads();
  }
}

// totals[block] = the value after the block's elements, from 0 before them.
template <bool WEIGHTED>
DEVICE void recurrence_totals(const Recurrence& r, const Weights& w, Fr* totals) {
  SHARED(Fr, shared);
  recurrence_scan<WEIGHTED>(shared, w, recurrence_run<WEIGHTED>(r, w, Fr::zero()));
  if (threadIdx.x == blockDim.x - 1) store_canonical(totals + blockIdx.x, load(shared + threadIdx.x));
}

// out[index(i)] = x_i. before[block] is the value before the block's elements. out may be a.
template <bool WEIGHTED>
DEVICE void recurrence_apply(const Recurrence& r, const Weights& w, const Fr* before, Fr* out) {
  SHARED(Fr, shared);
  uint32_t t = threadIdx.x;
  Fr start = t == 0 ? load(before + blockIdx.x) : Fr::zero();
  recurrence_scan<WEIGHTED>(shared, w, recurrence_run<WEIGHTED>(r, w, start));
  Fr x = t == 0 ? start : load(shared + t - 1);
  uint64_t from = thread_index() * RUN;
  for (uint32_t k = 0; k < RUN; k++) {
    if (r.exists(from + k)) {
      uint64_t at = r.index(from + k);
      Fr next = load(r.a + at);
      store_canonical(out + at, x);
      if (WEIGHTED) x = x * w.z;
      x = x + next;
    }
  }
}

KERNEL fr_recurrence_totals(Recurrence r, Weights w, Fr* totals) { recurrence_totals<true>(r, w, totals); }

KERNEL fr_recurrence_apply(Recurrence r, Weights w, const Fr* before, Fr* out) {
  recurrence_apply<true>(r, w, before, out);
}

KERNEL fr_running_totals(Recurrence r, Weights w, Fr* totals) { recurrence_totals<false>(r, w, totals); }

KERNEL fr_running_apply(Recurrence r, Weights w, const Fr* before, Fr* out) {
  recurrence_apply<false>(r, w, before, out);
}

// ---- Pointwise programs.

// An instruction; opcodes in the order of PointwiseProgram.Opcode. Rotations are below the number of rows.
struct alignas(16) Instruction {
  int32_t opcode, target, a, b;
};

DEVICE Fr program_operand(const Fr* registers, size_t threads, const Fr* pool, int32_t operand) {
  return operand >= 0 ? load(registers + size_t(operand) * threads) : load(pool + ~operand);
}

// Interprets a program on rows thread, thread + T, ... Register k of thread t is registers[k T + t]: neighbours in a
// warp are neighbours in memory. Columns and outputs are arrays of pointers.
KERNEL fr_program(const Instruction* code, uint32_t length, const Fr* pool, const Fr* const* columns, Fr* const* outputs,
                  Fr* registers, uint64_t rows) {
  size_t threads = thread_count();
  Fr* own = registers + thread_index();
  for (size_t row = thread_index(); row < rows; row += threads) {
    for (uint32_t k = 0; k < length; k++) {
      Instruction i = code[k];
      switch (i.opcode) {
        case 0: {
          size_t at = row + uint32_t(i.b);
          store(own + size_t(i.target) * threads, load(columns[i.a] + (at < rows ? at : at - rows)));
          break;
        }
        case 1:
          store(own + size_t(i.target) * threads,
                program_operand(own, threads, pool, i.a) + program_operand(own, threads, pool, i.b));
          break;
        case 2:
          store(own + size_t(i.target) * threads,
                program_operand(own, threads, pool, i.a) - program_operand(own, threads, pool, i.b));
          break;
        case 3:
          store(own + size_t(i.target) * threads,
                program_operand(own, threads, pool, i.a) * program_operand(own, threads, pool, i.b));
          break;
        case 4:
          store_canonical(outputs[i.target] + row, program_operand(own, threads, pool, i.a));
          break;
        default:
          store_canonical(outputs[i.target] + row,
                          load(outputs[i.target] + row) + program_operand(own, threads, pool, i.a));
          break;
      }
    }
  }
}

// ---- Throughput of multiplication: n threads' worth of chains of dependent products.

KERNEL bench_multiply_chain(Fr* data, uint64_t n, uint32_t rounds) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr x = load(data + i), y = x;
    for (uint32_t k = 0; k < rounds; k++) {
      x = Fr::mul_chain(x, y);
      y = Fr::mul_chain(y, x);
    }
    store_canonical(data + i, x);
  }
}

KERNEL bench_multiply_wide(Fr* data, uint64_t n, uint32_t rounds) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Fr x = load(data + i), y = x;
    for (uint32_t k = 0; k < rounds; k++) {
      x = Fr::mul_wide(x, y);
      y = Fr::mul_wide(y, x);
    }
    store_canonical(data + i, x);
  }
}

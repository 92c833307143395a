// Number-theoretic transforms, natural order in and out.
//
// Passes of the self-sorting (Stockham) transform (Govindaraju, Lloyd, Dotsenko, Smith, Manferdelli: "High performance
// discrete Fourier transforms on graphics processors", 2008): pass p of radix R reads elements j + r N/R, multiplies
// element r by w^(r (j mod S)) with S the product of the earlier radices and w a primitive root of order S R, transforms
// the R elements in shared memory, and writes them to (j div S) S R + (j mod S) + q S. Nothing is ever reversed in
// memory; inside a block, the decimation in frequency leaves bit-reversed order, which the store reads through.
//
// A block does 2^log_columns neighbouring j at once, so that each access covers that many consecutive elements.
#pragma once
#include "field.cuh"

// Roots of unity: w^e for w of order 2^28 is high[e >> 14] low[e & (2^14 - 1)]. Two tables of 2^14 elements serve every
// size and both directions.
static constexpr uint32_t ROOT_BITS = 28;
static constexpr uint32_t ROOT_SPLIT = 14;

struct Roots {
  const Fr* low;
  const Fr* high;
};

// w^e, e < 2^28.
DEVICE Fr root(const Roots& roots, uint32_t e) {
  Fr h = load(roots.high + (e >> ROOT_SPLIT));
  uint32_t l = e & ((1u << ROOT_SPLIT) - 1);
  return l == 0 ? h : h * load(roots.low + l);
}

// Powers of a coset's shift: shift^i = high[i >> split] low[i mod 2^split]. No tables: no shift.
struct Coset {
  const Fr* low;
  const Fr* high;
  uint32_t split;
  uint32_t present;
};

DEVICE Fr shifted(const Coset& coset, const Fr& x, uint64_t i) {
  return x * load(coset.low + (i & ((1ull << coset.split) - 1))) * load(coset.high + (i >> coset.split));
}

struct Pass {
  const Fr* source;
  Fr* destination;
  uint64_t given;        // elements of the source; those beyond 2^log wrap around with a factor, missing ones are 0
  uint32_t log;          // of the transform
  uint32_t log_radix;    // of this pass
  uint32_t log_done;     // S: the sum of the logarithms of the earlier radices
  uint32_t log_columns;  // transforms in a block, as a logarithm; at most log - log_radix
  uint32_t inverse;      // with the roots' inverses
  uint32_t first;        // the coset is applied to what is read
  uint32_t last;         // the coset, if inverse, is applied to what is written
};

DEVICE Fr pass_element(const Pass& pass, const Coset& coset, const Fr& wrap, uint64_t i) {
  if (!pass.first) return load(pass.source + i);
  Fr x = i < pass.given ? load(pass.source + i) : Fr::zero();
  if (pass.given > (1ull << pass.log)) {
    // By Horner's rule over the wrapped elements: X^N = wrap on the coset.
    uint64_t size = 1ull << pass.log;
    uint64_t top = i + (pass.given - 1 - i) / size * size;
    x = load(pass.source + top);
    for (uint64_t k = top; k != i; k -= size) x = x * wrap + load(pass.source + k - size);
  }
  return coset.present && !pass.inverse ? shifted(coset, x, i) : x;
}

// Shared memory in two planes of 16 bytes, so that neighbouring threads do not meet in a bank.
#ifndef __CUDACC__
struct alignas(16) uint4 {
  uint32_t x, y, z, w;
};
#endif

struct Planes {
  uint4* low;
  uint4* high;

  DEVICE Fr get(uint32_t i) const {
    uint4 a = low[i], b = high[i];
    Fr r;
    r.limb[0] = a.x, r.limb[1] = a.y, r.limb[2] = a.z, r.limb[3] = a.w;
    r.limb[4] = b.x, r.limb[5] = b.y, r.limb[6] = b.z, r.limb[7] = b.w;
    return r;
  }

  DEVICE void set(uint32_t i, const Fr& x) const {
    uint4 a, b;
    a.x = x.limb[0], a.y = x.limb[1], a.z = x.limb[2], a.w = x.limb[3];
    b.x = x.limb[4], b.y = x.limb[5], b.z = x.limb[6], b.w = x.limb[7];
    low[i] = a;
    high[i] = b;
  }
};

DEVICE uint32_t reversed_bits(uint32_t x, uint32_t bits) {
#ifdef __CUDACC__
  return bits == 0 ? 0 : __brev(x) >> (32 - bits);
#else
  uint32_t r = 0;
  for (uint32_t i = 0; i < bits; i++) r |= ((x >> i) & 1) << (bits - 1 - i);
  return r;
#endif
}

// One pass; one block per 2^log_columns transforms, half as many threads as elements in a block, at least one. Shared
// memory: 32 bytes per element of the block. wrap is shift^(2^log); scale multiplies what the last pass writes, and is
// used by inverse transforms only.
KERNEL_LIMITS(512, 2) ntt_pass(Pass pass, Roots roots, Coset coset, Fr wrap, Fr scale) {
  SHARED(uint4, memory);
  const uint32_t radix = 1u << pass.log_radix;
  const uint32_t columns = 1u << pass.log_columns;
  const uint32_t elements = radix << pass.log_columns;
  Planes x = {memory, memory + elements};
  const uint32_t log_rest = pass.log - pass.log_radix;
  const uint64_t first_column = uint64_t(blockIdx.x) << pass.log_columns;
  const uint64_t done_mask = (1ull << pass.log_done) - 1;

  for (uint32_t e = threadIdx.x; e < elements; e += blockDim.x) {
    uint64_t j = first_column + (e & (columns - 1));
    uint32_t r = e >> pass.log_columns;
    Fr value = pass_element(pass, coset, wrap, j + (uint64_t(r) << log_rest));
    uint32_t exponent = uint32_t(r * (j & done_mask)) << (ROOT_BITS - pass.log_done - pass.log_radix);
    if (exponent != 0) {
      if (pass.inverse) exponent = (1u << ROOT_BITS) - exponent;
      value = value * root(roots, exponent);
    }
    x.set(e, value);
  }
  __syncthreads();

  for (uint32_t log_half = pass.log_radix; log_half-- > 0;) {
    const uint32_t half = 1u << log_half;
    for (uint32_t k = threadIdx.x; k < elements / 2; k += blockDim.x) {
      uint32_t c = k & (columns - 1);
      uint32_t butterfly = k >> pass.log_columns;
      uint32_t low = butterfly & (half - 1);
      uint32_t at = ((((butterfly >> log_half) << (log_half + 1)) | low) << pass.log_columns) | c;
      uint32_t other = at + (half << pass.log_columns);
      Fr u = x.get(at), v = x.get(other);
      x.set(at, u + v);
      if (low == 0) {
        x.set(other, u - v);
      } else {
        uint32_t e = low << (ROOT_BITS - log_half - 1);
        if (pass.inverse) e = (1u << ROOT_BITS) - e;
        // Below 4p times a table's element, below p.
        x.set(other, u.minus_unreduced(v) * load(roots.high + (e >> ROOT_SPLIT)));
      }
    }
    __syncthreads();
  }

  for (uint32_t e = threadIdx.x; e < elements; e += blockDim.x) {
    // Consecutive threads write consecutive elements: along q in the first pass, across columns later.
    uint32_t q = pass.log_done == 0 ? e & (radix - 1) : e >> pass.log_columns;
    uint32_t c = pass.log_done == 0 ? e >> pass.log_radix : e & (columns - 1);
    uint64_t j = first_column + c;
    uint64_t to = ((j >> pass.log_done) << (pass.log_done + pass.log_radix)) + (j & done_mask) +
                  (uint64_t(q) << pass.log_done);
    Fr value = x.get((reversed_bits(q, pass.log_radix) << pass.log_columns) | c);
    if (pass.inverse && pass.last) {
      value = value * scale;
      if (coset.present) value = shifted(coset, value, to);
    }
    store_canonical(pass.destination + to, value);
  }
}

// Multi-scalar multiplication: Pippenger's bucket method with signed digits.
//
// A scalar s is cut into `windows` digits of `width` bits, s = sum_w digit_w 2^(w width), -2^(width-1) <= digit <
// 2^(width-1) but for the top one, which takes what is left and is not negative. So that no carry runs along, 2^(width-1)
// is added to all windows but the top one beforehand (`bias`) and subtracted from each digit afterwards.
//
// Window w belongs to level w / sets and set w mod sets. The bases of level l are the given points times 2^(l sets
// width), made once; so all levels share the buckets of their set. Bucket b of a set, b >= 0, collects digits b + 1 and
// -(b + 1). With as many levels as windows there is one set, and nothing is ever doubled afterwards.
//
// 1. count the digits of each bucket (zeros are dropped), 2. running sums: where each bucket's entries begin, 3. scatter
// the entries, 4. each thread adds up `run` consecutive entries, whatever buckets they are of: buckets inside its run are
// done, the ends are partial sums, 5. partial sums, still in order of their buckets, are combined the same way until one
// thread has them all. So the work of a thread does not depend on how scalars are distributed. 6. Weighted sums of the
// buckets, reduced to one sum per set.
#pragma once
#include "curve.cuh"
#include "vector.cuh"

static constexpr uint32_t NO_BUCKET = 0xffffffffu;

struct Digits {
  const void* scalars;
  uint64_t n;
  uint64_t level_stride;  // bases per level
  uint32_t bytes;         // of a scalar: 1, 2, 4, 8 plain, 32 Montgomery form
  uint32_t width;
  uint32_t windows;
  uint32_t sets;
  uint32_t buckets;  // per set
  uint32_t bias[8];
};

DEVICE uint32_t shift_right(uint32_t low, uint32_t high, uint32_t by) {
#ifdef __CUDACC__
  return __funnelshift_r(low, high, by);
#else
  return uint32_t(((uint64_t(high) << 32) | low) >> by);
#endif
}

// Calls entry(bucket, base, negative) for each digit of scalar i that is not zero.
template <class E>
DEVICE void for_each_digit(const Digits& d, uint64_t i, E entry) {
  Fr s = d.bytes == 32 ? load(static_cast<const Fr*>(d.scalars) + i).to_plain()
                       : plain_number(typed_element(d.scalars, d.bytes, i));
  if (s.is_null()) return;
  add_limbs(s.limb, s.limb, d.bias);
  const uint32_t mask = (1u << d.width) - 1;
  const int32_t half = int32_t(1u << (d.width - 1));
  uint32_t set = 0;
  uint64_t base = i;
  for (uint32_t w = 0; w < d.windows; w++) {
    int32_t digit = w == d.windows - 1 ? int32_t(s.limb[0]) : int32_t(s.limb[0] & mask) - half;
    if (digit != 0) {
      entry(set * d.buckets + uint32_t(digit < 0 ? -digit : digit) - 1, base, digit < 0);
    }
#pragma unroll
    for (int k = 0; k < 7; k++) s.limb[k] = shift_right(s.limb[k], s.limb[k + 1], d.width);
    s.limb[7] >>= d.width;
    if (++set == d.sets) {
      set = 0;
      base += d.level_stride;
    }
  }
}

// Adds 1 and returns what was there. Where the neighbours in a warp add to the same counter, as all do in a column of bits,
// one of them adds for all: the memory does one addition to a place at a time.
DEVICE uint32_t add_one(uint32_t* at) {
#ifdef __CUDACC__
  const uint32_t mask = __activemask();
  int same;
  __match_all_sync(mask, reinterpret_cast<unsigned long long>(at), &same);
  if (!same) return atomicAdd(at, 1u);
  const uint32_t lane = threadIdx.x & 31, leader = __ffs(int(mask)) - 1;
  uint32_t before = lane == leader ? atomicAdd(at, uint32_t(__popc(mask))) : 0;
  return __shfl_sync(mask, before, int(leader)) + uint32_t(__popc(mask & ((1u << lane) - 1)));
#else
  return atomicAdd(at, 1u);
#endif
}

// counts[bucket] += number of entries.
KERNEL msm_count(Digits d, uint32_t* counts) {
  for (size_t i = thread_index(); i < d.n; i += thread_count()) {
    for_each_digit(d, i, [&](uint32_t bucket, uint64_t, bool) { add_one(counts + bucket); });
  }
}

// entries[...] = base | negative << 31, ordered by bucket. cursors[bucket], where the bucket begins, becomes where it
// ends.
KERNEL msm_scatter(Digits d, uint32_t* cursors, uint32_t* entries) {
  for (size_t i = thread_index(); i < d.n; i += thread_count()) {
    for_each_digit(d, i, [&](uint32_t bucket, uint64_t base, bool negative) {
      entries[add_one(cursors + bucket)] = uint32_t(base) | (negative ? 0x80000000u : 0u);
    });
  }
}

// ---- Running sums of 32-bit numbers, exclusive, SCAN_RUN per thread.

static constexpr uint32_t SCAN_RUN = 8;

DEVICE uint32_t scan_block(uint32_t* shared, uint32_t x) {
  uint32_t t = threadIdx.x;
  shared[t] = x;
  __syncthreads();
  for (uint32_t d = 1; d < blockDim.x; d *= 2) {
    uint32_t left = t >= d ? shared[t - d] : 0;
    __syncthreads();
    shared[t] += left;
    __syncthreads();
  }
  return shared[t];
}

DEVICE uint32_t scan_own(const uint32_t* x, uint64_t n) {
  uint64_t from = thread_index() * SCAN_RUN;
  uint32_t sum = 0;
  for (uint32_t k = 0; k < SCAN_RUN; k++) {
    if (from + k < n) sum += x[from + k];
  }
  return sum;
}

KERNEL scan_totals(const uint32_t* x, uint64_t n, uint32_t* totals) {
  SHARED(uint32_t, shared);
  uint32_t sum = scan_block(shared, scan_own(x, n));
  if (threadIdx.x == blockDim.x - 1) totals[blockIdx.x] = sum;
}

// x[i] = sum of all before; before[block] is what comes in from other blocks.
KERNEL scan_apply(uint32_t* x, uint64_t n, const uint32_t* before) {
  SHARED(uint32_t, shared);
  uint32_t own = scan_own(x, n);
  uint32_t sum = before[blockIdx.x] + scan_block(shared, own) - own;
  uint64_t from = thread_index() * SCAN_RUN;
  for (uint32_t k = 0; k < SCAN_RUN && from + k < n; k++) {
    uint32_t next = x[from + k];
    x[from + k] = sum;
    sum += next;
  }
}

// ---- Sums of the buckets.

// A sum that is only part of its bucket's, or NO_BUCKET.
struct Partials {
  uint32_t* bucket;
  Xyzz* sum;
};

// Thread t adds up entries [t run, (t + 1) run), as far as there are any: ends[buckets - 1] is their number. Sums of
// buckets inside go to sums; those at the two ends to partials 2 t and 2 t + 1. sums must hold infinity before.
KERNEL_LIMITS(128, 3) msm_accumulate(const Affine* bases, const uint32_t* entries, const uint32_t* ends,
                                     uint32_t buckets, uint32_t run, uint64_t threads, Xyzz* sums, Partials partials) {
  size_t t = thread_index();
  if (t >= threads) return;
  partials.bucket[2 * t] = NO_BUCKET;
  partials.bucket[2 * t + 1] = NO_BUCKET;
  uint32_t total = ends[buckets - 1];
  if (uint64_t(t) * run >= total) return;
  uint32_t from = uint32_t(t) * run;
  uint32_t to = total - from < run ? total : from + run;
  // The bucket of the first entry: the first that ends beyond it.
  uint32_t low = 0, high = buckets - 1;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (ends[middle] > from) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  uint32_t bucket = low;
  bool begun_before = (bucket > 0 ? ends[bucket - 1] : 0) < from;
  uint32_t at = from;
  while (at < to) {
    uint32_t end = ends[bucket];
    uint32_t stop = end < to ? end : to;
    Xyzz sum = Xyzz::infinity();
    for (; at < stop; at++) {
      uint32_t entry = entries[at];
      sum.add(load_point(bases + (entry & 0x7fffffffu)), entry >> 31);
    }
    if (begun_before || end > to) {
      size_t slot = 2 * t + (begun_before ? 0 : 1);
      partials.bucket[slot] = bucket;
      store_sum(partials.sum + slot, sum);
    } else {
      store_sum(sums + bucket, sum);
    }
    begun_before = false;
    if (at < to) {
      do {
        bucket++;
      } while (ends[bucket] <= at);
    }
  }
}

// The same over partial sums [t run, (t + 1) run) of count. A single thread with all of them finishes every bucket.
KERNEL_LIMITS(128, 3) msm_combine(Partials in, uint64_t count, uint32_t run, uint64_t threads, Xyzz* sums,
                                  Partials out) {
  size_t t = thread_index();
  if (t >= threads) return;
  bool alone = threads == 1;
  uint32_t current = NO_BUCKET;
  bool first = true;
  Xyzz sum = Xyzz::infinity();
  uint32_t out_first = NO_BUCKET, out_last = NO_BUCKET;
  uint64_t from = t * run, to = from + run < count ? from + run : count;
  for (uint64_t i = from; i <= to; i++) {
    bool end = i == to;
    uint32_t bucket = end ? NO_BUCKET : in.bucket[i];
    if (!end && bucket == NO_BUCKET) continue;
    if (bucket != current) {
      if (current != NO_BUCKET) {
        if (alone || (!first && !end)) {
          store_sum(sums + current, sum);
        } else if (first) {
          out_first = current;
          store_sum(out.sum + 2 * t, sum);
        } else {
          out_last = current;
          store_sum(out.sum + 2 * t + 1, sum);
        }
        first = false;
      }
      current = bucket;
      sum = Xyzz::infinity();
    }
    if (!end) sum.add(load_sum(in.sum + i));
  }
  if (!alone) {
    out.bucket[2 * t] = out_first;
    out.bucket[2 * t + 1] = out_last;
  }
}

// out[set * groups + g] = sum_b (b + 1) sums[b] over group g of `size` buckets of the set.
KERNEL_LIMITS(128, 3) msm_weigh(const Xyzz* sums, uint32_t buckets, uint32_t size, uint32_t groups, uint32_t sets,
                                Xyzz* out) {
  size_t t = thread_index();
  if (t >= size_t(sets) * groups) return;
  uint32_t set = uint32_t(t / groups);
  uint32_t from = uint32_t(t % groups) * size;
  uint32_t to = buckets - from < size ? buckets : from + size;
  const Xyzz* own = sums + size_t(set) * buckets;
  // Suffix sums: the sum of all of them has each bucket as often as it is far from the group's start.
  Xyzz running = Xyzz::infinity(), sum = running;
  for (uint32_t b = to; b-- > from;) {
    running.add(load_sum(own + b));
    sum.add(running);
  }
  // And `from` times the whole group.
  Xyzz rest = Xyzz::infinity();
  for (int i = 31 - leading_zeros(from); i >= 0; i--) {
    rest.twice();
    if ((from >> i) & 1) rest.add(running);
  }
  sum.add(rest);
  store_sum(out + t, sum);
}

// out[set * parts + part] = the sum of the block's part of in[set * count ...]; blocks are numbered likewise. Shared
// memory: one sum per thread; block sizes are powers of two.
KERNEL_LIMITS(128, 2) msm_sum(const Xyzz* in, uint64_t count, uint32_t parts, Xyzz* out) {
  SHARED(Xyzz, shared);
  uint32_t t = threadIdx.x;
  uint32_t set = blockIdx.x / parts, part = blockIdx.x % parts;
  Xyzz sum = Xyzz::infinity();
  for (uint64_t i = uint64_t(part) * blockDim.x + t; i < count; i += uint64_t(parts) * blockDim.x) {
    sum.add(load_sum(in + set * count + i));
  }
  store_sum(shared + t, sum);
  __syncthreads();
  for (uint32_t half = blockDim.x / 2; half > 0; half /= 2) {
    if (t < half) {
      sum.add(load_sum(shared + t + half));
      store_sum(shared + t, sum);
    }
    __syncthreads();
  }
  if (t == 0) store_sum_canonical(out + blockIdx.x, sum);
}

// ---- Multiples of the bases.

// out[i] = 2^doublings in[i].
KERNEL_LIMITS(128, 3) g1_double(const Affine* in, uint64_t n, uint32_t doublings, Xyzz* out) {
  for (size_t i = thread_index(); i < n; i += thread_count()) {
    Xyzz p = Xyzz::of(load_point(in + i));
    for (uint32_t k = 0; k < doublings; k++) p.twice();
    store_sum(out + i, p);
  }
}

// out[i] = in[i] in affine coordinates, with one inversion per thread; prefix has n elements.
KERNEL g1_normalize(const Xyzz* in, uint64_t n, Affine* out, Fq* prefix) {
  size_t first = thread_index(), step = thread_count();
  if (first >= n) return;
  Fq product = Fq::one();
  size_t i = first;
  for (; i < n; i += step) {
    store(prefix + i, product);
    Fq zzz = load(&in[i].zzz);
    if (!zzz.is_null()) product = product * zzz;
  }
  Fq inverse = product.inverse();
  while (true) {
    i -= step;
    Xyzz p = load_sum(in + i);
    if (p.is_infinity()) {
      store(&out[i].x, Fq::zero());
      store(&out[i].y, Fq::zero());
    } else {
      Fq z = inverse * load(prefix + i);
      inverse = inverse * p.zzz;
      // ZZ^3 = ZZZ^2, so 1 / ZZ = (ZZ / ZZZ)^2.
      store_canonical(&out[i].x, p.x * (p.zz * z).square());
      store_canonical(&out[i].y, p.y * z);
    }
    if (i == first) break;
  }
}

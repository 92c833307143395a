// Arithmetic of BN254's two prime fields in eight 32-bit limbs.
//
// Representation: Montgomery form with R = 2^256, limbs from the least significant on. In memory an element is canonical
// (below p) and has the same 32 bytes as four 64-bit little-endian limbs: what the Java side keeps. In registers it is
// below 2p, which saves the last subtraction of each product. Both primes are p < 0.1891 * 2^256, so 5p < 2^256.
//
// Bounds. A Montgomery product of a and b is below a b / R + p, hence below 2p if a b <= R p, which holds if a < 2p and
// b < 2p (4 * 0.1891 < 1), or a < 4p and b < p. Inside, the running value stays below a + p <= 5p < 2^256 after every
// shift: t' = (t + a b_i + m p) / 2^32 <= (t + (2^32 - 1)(a + p)) / 2^32 <= a + p whenever t <= a + p.
//
// Two styles of multiplication, both operand scanning (CIOS):
//   mul_wide:  32 x 32 + 32 + 32 -> 64 bit steps in plain C++ (compilers make mul.wide/mad.wide of it), one chain;
//   mul_chain: columns of even and odd limbs apart, each a carry chain of mad.lo.cc / madc.hi.cc pairs that ptxas fuses
//              into IMAD.WIDE.X (the idea is Emmart, Zheng, Weems: "Faster modular exponentiation using double precision
//              floating point arithmetic on the GPU", section on XMP; sppark does likewise).
// On the host the chains run as C++ twins of the PTX, so that the carries are tested there.
#pragma once
#include "platform.cuh"

struct FrParameters {
  static DEVICE constexpr uint32_t p(int i) {
    return i == 0   ? 0xf0000001u
           : i == 1 ? 0x43e1f593u
           : i == 2 ? 0x79b97091u
           : i == 3 ? 0x2833e848u
           : i == 4 ? 0x8181585du
           : i == 5 ? 0xb85045b6u
           : i == 6 ? 0xe131a029u
                    : 0x30644e72u;
  }
  static DEVICE constexpr uint32_t one(int i) {
    return i == 0   ? 0x4ffffffbu
           : i == 1 ? 0xac96341cu
           : i == 2 ? 0x9f60cd29u
           : i == 3 ? 0x36fc7695u
           : i == 4 ? 0x7879462eu
           : i == 5 ? 0x666ea36fu
           : i == 6 ? 0x9a07df2fu
                    : 0x0e0a77c1u;
  }
  static DEVICE constexpr uint32_t r2(int i) {
    return i == 0   ? 0xae216da7u
           : i == 1 ? 0x1bb8e645u
           : i == 2 ? 0xe35c59e3u
           : i == 3 ? 0x53fe3ab1u
           : i == 4 ? 0x53bb8085u
           : i == 5 ? 0x8c49833du
           : i == 6 ? 0x7f4e44a5u
                    : 0x0216d0b1u;
  }
  // -1/p mod 2^32
  static constexpr uint32_t NEGATIVE_INVERSE = 0xefffffffu;
};

struct FqParameters {
  static DEVICE constexpr uint32_t p(int i) {
    return i == 0   ? 0xd87cfd47u
           : i == 1 ? 0x3c208c16u
           : i == 2 ? 0x6871ca8du
           : i == 3 ? 0x97816a91u
           : i == 4 ? 0x8181585du
           : i == 5 ? 0xb85045b6u
           : i == 6 ? 0xe131a029u
                    : 0x30644e72u;
  }
  static DEVICE constexpr uint32_t one(int i) {
    return i == 0   ? 0xc58f0d9du
           : i == 1 ? 0xd35d438du
           : i == 2 ? 0xf5c70b3du
           : i == 3 ? 0x0a78eb28u
           : i == 4 ? 0x7879462cu
           : i == 5 ? 0x666ea36fu
           : i == 6 ? 0x9a07df2fu
                    : 0x0e0a77c1u;
  }
  static DEVICE constexpr uint32_t r2(int i) {
    return i == 0   ? 0x538afa89u
           : i == 1 ? 0xf32cfc5bu
           : i == 2 ? 0xd44501fbu
           : i == 3 ? 0xb5e71911u
           : i == 4 ? 0x0a417ff6u
           : i == 5 ? 0x47ab1effu
           : i == 6 ? 0xcab8351fu
                    : 0x06d89f71u;
  }
  static constexpr uint32_t NEGATIVE_INVERSE = 0xe4866389u;
};

// ---- Chains of carries: PTX on the device, the same sums in C++ on the host.
//
// Accumulators are early clobbers (&): they are written before the last operand is read, and a known zero among them
// must not share its register with a zero limb of an operand.

#ifdef __CUDACC__

// r = a + b; returns the carry.
DEVICE uint32_t add_limbs(uint32_t* r, const uint32_t* a, const uint32_t* b) {
  uint32_t carry;
  asm("add.cc.u32 %0, %9, %17; addc.cc.u32 %1, %10, %18; addc.cc.u32 %2, %11, %19; addc.cc.u32 %3, %12, %20;"
      "addc.cc.u32 %4, %13, %21; addc.cc.u32 %5, %14, %22; addc.cc.u32 %6, %15, %23; addc.cc.u32 %7, %16, %24;"
      "addc.u32 %8, 0, 0;"
      : "=&r"(r[0]), "=&r"(r[1]), "=&r"(r[2]), "=&r"(r[3]), "=&r"(r[4]), "=&r"(r[5]), "=&r"(r[6]), "=&r"(r[7]),
        "=&r"(carry)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "r"(a[6]), "r"(a[7]), "r"(b[0]), "r"(b[1]),
        "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
  return carry;
}

// r = a - b; returns all ones if that borrows, else 0.
DEVICE uint32_t sub_limbs(uint32_t* r, const uint32_t* a, const uint32_t* b) {
  uint32_t borrow;
  asm("sub.cc.u32 %0, %9, %17; subc.cc.u32 %1, %10, %18; subc.cc.u32 %2, %11, %19; subc.cc.u32 %3, %12, %20;"
      "subc.cc.u32 %4, %13, %21; subc.cc.u32 %5, %14, %22; subc.cc.u32 %6, %15, %23; subc.cc.u32 %7, %16, %24;"
      "subc.u32 %8, 0, 0;"
      : "=&r"(r[0]), "=&r"(r[1]), "=&r"(r[2]), "=&r"(r[3]), "=&r"(r[4]), "=&r"(r[5]), "=&r"(r[6]), "=&r"(r[7]),
        "=&r"(borrow)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(a[4]), "r"(a[5]), "r"(a[6]), "r"(a[7]), "r"(b[0]), "r"(b[1]),
        "r"(b[2]), "r"(b[3]), "r"(b[4]), "r"(b[5]), "r"(b[6]), "r"(b[7]));
  return borrow;
}

// acc += (a[0] + a[2] 2^64 + a[4] 2^128 + a[6] 2^192) b; returns the carry.
DEVICE uint32_t mad_row(uint32_t* acc, const uint32_t* a, uint32_t b) {
  uint32_t carry;
  asm("mad.lo.cc.u32 %0, %9, %13, %0; madc.hi.cc.u32 %1, %9, %13, %1;"
      "madc.lo.cc.u32 %2, %10, %13, %2; madc.hi.cc.u32 %3, %10, %13, %3;"
      "madc.lo.cc.u32 %4, %11, %13, %4; madc.hi.cc.u32 %5, %11, %13, %5;"
      "madc.lo.cc.u32 %6, %12, %13, %6; madc.hi.cc.u32 %7, %12, %13, %7;"
      "addc.u32 %8, 0, 0;"
      : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
        "+&r"(acc[7]), "=&r"(carry)
      : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
  return carry;
}

// The same where the caller knows that nothing is carried out.
DEVICE void mad_row_closed(uint32_t* acc, const uint32_t* a, uint32_t b) {
  asm("mad.lo.cc.u32 %0, %8, %12, %0; madc.hi.cc.u32 %1, %8, %12, %1;"
      "madc.lo.cc.u32 %2, %9, %12, %2; madc.hi.cc.u32 %3, %9, %12, %3;"
      "madc.lo.cc.u32 %4, %10, %12, %4; madc.hi.cc.u32 %5, %10, %12, %5;"
      "madc.lo.cc.u32 %6, %11, %12, %6; madc.hi.u32 %7, %11, %12, %7;"
      : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
        "+&r"(acc[7])
      : "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

// low += k, and acc += (a[0] + a[2] 2^64 + a[4] 2^128 + a[6] 2^192) b + the carry of that; returns nothing, as the
// caller knows that acc does not overflow.
DEVICE void mad_row_after_add(uint32_t& low, uint32_t k, uint32_t* acc, const uint32_t* a, uint32_t b) {
  asm("add.cc.u32 %8, %8, %9;"
      "madc.lo.cc.u32 %0, %10, %14, %0; madc.hi.cc.u32 %1, %10, %14, %1;"
      "madc.lo.cc.u32 %2, %11, %14, %2; madc.hi.cc.u32 %3, %11, %14, %3;"
      "madc.lo.cc.u32 %4, %12, %14, %4; madc.hi.cc.u32 %5, %12, %14, %5;"
      "madc.lo.cc.u32 %6, %13, %14, %6; madc.hi.u32 %7, %13, %14, %7;"
      : "+&r"(acc[0]), "+&r"(acc[1]), "+&r"(acc[2]), "+&r"(acc[3]), "+&r"(acc[4]), "+&r"(acc[5]), "+&r"(acc[6]),
        "+&r"(acc[7]), "+&r"(low)
      : "r"(k), "r"(a[0]), "r"(a[2]), "r"(a[4]), "r"(a[6]), "r"(b));
}

#else

DEVICE uint32_t add_limbs(uint32_t* r, const uint32_t* a, const uint32_t* b) {
  uint64_t carry = 0;
  for (int i = 0; i < 8; i++) {
    carry += uint64_t(a[i]) + b[i];
    r[i] = uint32_t(carry);
    carry >>= 32;
  }
  return uint32_t(carry);
}

DEVICE uint32_t sub_limbs(uint32_t* r, const uint32_t* a, const uint32_t* b) {
  uint64_t borrow = 0;
  for (int i = 0; i < 8; i++) {
    uint64_t d = uint64_t(a[i]) - b[i] - borrow;
    r[i] = uint32_t(d);
    borrow = d >> 63;
  }
  return uint32_t(0) - uint32_t(borrow);
}

DEVICE uint32_t mad_row_with_carry(uint32_t* acc, const uint32_t* a, uint32_t b, uint32_t carry) {
  for (int i = 0; i < 8; i += 2) {
    uint64_t product = uint64_t(a[i]) * b;
    uint64_t low = uint64_t(acc[i]) + uint32_t(product) + carry;
    acc[i] = uint32_t(low);
    uint64_t high = uint64_t(acc[i + 1]) + (product >> 32) + (low >> 32);
    acc[i + 1] = uint32_t(high);
    carry = uint32_t(high >> 32);
  }
  return carry;
}

DEVICE uint32_t mad_row(uint32_t* acc, const uint32_t* a, uint32_t b) { return mad_row_with_carry(acc, a, b, 0); }

DEVICE void mad_row_closed(uint32_t* acc, const uint32_t* a, uint32_t b) {
  uint32_t lost = mad_row_with_carry(acc, a, b, 0);
  emulation_check(lost == 0, "mad_row_closed: a carry is lost");
}

DEVICE void mad_row_after_add(uint32_t& low, uint32_t k, uint32_t* acc, const uint32_t* a, uint32_t b) {
  uint64_t sum = uint64_t(low) + k;
  low = uint32_t(sum);
  uint32_t lost = mad_row_with_carry(acc, a, b, uint32_t(sum >> 32));
  emulation_check(lost == 0, "mad_row_after_add: a carry is lost");
}

#endif

// ---- Elements.

template <class P>
struct alignas(16) Field {
  uint32_t limb[8];

  static DEVICE Field zero() {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = 0;
    return r;
  }

  static DEVICE Field one() {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = P::one(i);
    return r;
  }

  // R^2 mod p: a product with it brings a plain number below p, or below 2^256 / 2, into Montgomery form.
  static DEVICE Field radix_squared() {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = P::r2(i);
    return r;
  }

  static DEVICE Field modulus() {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = P::p(i);
    return r;
  }

  static DEVICE Field twice_modulus() {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = (P::p(i) << 1) | (i == 0 ? 0 : P::p(i - 1) >> 31);
    return r;
  }

  // One of two values without a branch: y where mask is all ones, x where it is 0.
  static DEVICE Field select(uint32_t mask, const Field& x, const Field& y) {
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = mask ? y.limb[i] : x.limb[i];
    return r;
  }

  // Below p, from below 2p.
  DEVICE Field canonical() const {
    Field d;
    uint32_t borrow = sub_limbs(d.limb, limb, modulus().limb);
    return select(borrow, d, *this);
  }

  // Whether all limbs are zero: for elements known to be canonical, or zeros set as such.
  DEVICE bool is_null() const {
    return (limb[0] | limb[1] | limb[2] | limb[3] | limb[4] | limb[5] | limb[6] | limb[7]) == 0;
  }

  // Whether it is 0 mod p.
  DEVICE bool is_zero() const { return canonical().is_null(); }

  // Sums and differences of elements below 2p, below 2p.
  DEVICE Field operator+(const Field& b) const {
    Field s, d;
    add_limbs(s.limb, limb, b.limb);
    uint32_t borrow = sub_limbs(d.limb, s.limb, twice_modulus().limb);
    return select(borrow, d, s);
  }

  DEVICE Field operator-(const Field& b) const {
    Field d, s;
    uint32_t borrow = sub_limbs(d.limb, limb, b.limb);
    add_limbs(s.limb, d.limb, twice_modulus().limb);
    return select(borrow, d, s);
  }

  // a - b + 2p, below 4p: may be multiplied by an element below p.
  DEVICE Field minus_unreduced(const Field& b) const {
    Field s, d;
    add_limbs(s.limb, limb, twice_modulus().limb);
    sub_limbs(d.limb, s.limb, b.limb);
    return d;
  }

  DEVICE Field twice() const { return *this + *this; }

  // -a for a canonical element; canonical.
  DEVICE Field negative_of_canonical() const {
    Field d;
    sub_limbs(d.limb, modulus().limb, limb);
    return is_null() ? *this : d;
  }

  static DEVICE Field mul_wide(const Field& a, const Field& b) {
    uint32_t t[8];
#pragma unroll
    for (int i = 0; i < 8; i++) t[i] = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) {
      uint64_t x = uint64_t(a.limb[0]) * b.limb[i] + t[0];
      uint32_t m = uint32_t(x) * P::NEGATIVE_INVERSE;
      uint64_t y = uint64_t(m) * P::p(0) + uint32_t(x);
#pragma unroll
      for (int j = 1; j < 8; j++) {
        x = uint64_t(a.limb[j]) * b.limb[i] + t[j] + (x >> 32);
        y = uint64_t(m) * P::p(j) + uint32_t(x) + (y >> 32);
        t[j - 1] = uint32_t(y);
      }
      // No carry out of here: the value is below 2^256.
      t[7] = uint32_t(x >> 32) + uint32_t(y >> 32);
    }
    Field r;
#pragma unroll
    for (int i = 0; i < 8; i++) r.limb[i] = t[i];
    return r;
  }

  static DEVICE Field mul_chain(const Field& a, const Field& b) {
    // The running value is sum even[i] 2^(32 i) + sum odd[i] 2^(32 (i + 1)) + low, low at position 0.
    uint32_t even[8], odd[8], p[8], low = 0;
#pragma unroll
    for (int i = 0; i < 8; i++) p[i] = P::p(i);
#pragma unroll
    for (int i = 0; i < 8; i++) {
      uint32_t carry = 0;
      if (i == 0) {
#pragma unroll
        for (int j = 0; j < 8; j += 2) {
          uint64_t e = uint64_t(a.limb[j]) * b.limb[0];
          uint64_t o = uint64_t(a.limb[j + 1]) * b.limb[0];
          even[j] = uint32_t(e);
          even[j + 1] = uint32_t(e >> 32);
          odd[j] = uint32_t(o);
          odd[j + 1] = uint32_t(o >> 32);
        }
      } else {
        // odd 2^32 is at most the running value, below 2^288: nothing is carried out of it.
        mad_row_after_add(even[0], low, odd, a.limb + 1, b.limb[i]);
        carry = mad_row(even, a.limb, b.limb[i]);
      }
      uint32_t m = even[0] * P::NEGATIVE_INVERSE;
      mad_row_closed(odd, p + 1, m);
      carry += mad_row(even, p, m);
      // Now even[0] is 0. Down by a limb: odd becomes even, even without its two lowest limbs odd.
      low = even[1];
      uint32_t shifted[8];
#pragma unroll
      for (int j = 0; j < 6; j++) shifted[j] = even[j + 2];
      shifted[6] = carry;
      shifted[7] = 0;
#pragma unroll
      for (int j = 0; j < 8; j++) {
        even[j] = odd[j];
        odd[j] = shifted[j];
      }
    }
    uint32_t high[8];
    high[0] = low;
#pragma unroll
    for (int j = 0; j < 7; j++) high[j + 1] = odd[j];
    Field r;
    add_limbs(r.limb, even, high);
    return r;
  }

  DEVICE Field operator*(const Field& b) const {
#ifdef MULTIPLY_WIDE
    return mul_wide(*this, b);
#else
    return mul_chain(*this, b);
#endif
  }

  DEVICE Field square() const { return *this * *this; }

  // The plain number that a Montgomery form stands for, canonical.
  DEVICE Field to_plain() const {
    Field unit = zero();
    unit.limb[0] = 1;
    return (*this * unit).canonical();
  }

  // a^(p-2): the inverse, and 0 for 0.
  DEVICE Field inverse() const {
    Field r = one();
#pragma unroll 1
    for (int i = 253; i >= 0; i--) {
      r = r.square();
      uint32_t word = exponent(i >> 5);
      if ((word >> (i & 31)) & 1) r = r * *this;
    }
    return r;
  }

  static DEVICE uint32_t exponent(int i) {
    uint32_t word = 0;
#pragma unroll
    for (int j = 0; j < 8; j++)
      if (i == j) word = P::p(j);
    // Fr's lowest limb is 0xf0000001: subtracting 2 borrows from inside that limb only.
    return i == 0 ? word - 2 : word;
  }
};

typedef Field<FrParameters> Fr;
typedef Field<FqParameters> Fq;

// Loads and stores of 32 bytes as two of 16.
template <class F>
DEVICE F load(const F* from) {
#ifdef __CUDACC__
  F r;
  const uint4* q = reinterpret_cast<const uint4*>(from);
  uint4 a = q[0], b = q[1];
  r.limb[0] = a.x, r.limb[1] = a.y, r.limb[2] = a.z, r.limb[3] = a.w;
  r.limb[4] = b.x, r.limb[5] = b.y, r.limb[6] = b.z, r.limb[7] = b.w;
  return r;
#else
  return *from;
#endif
}

template <class F>
DEVICE void store(F* to, const F& x) {
#ifdef __CUDACC__
  uint4* q = reinterpret_cast<uint4*>(to);
  q[0] = make_uint4(x.limb[0], x.limb[1], x.limb[2], x.limb[3]);
  q[1] = make_uint4(x.limb[4], x.limb[5], x.limb[6], x.limb[7]);
#else
  *to = x;
#endif
}

// Into memory elements go canonical.
template <class F>
DEVICE void store_canonical(F* to, const F& x) {
  store(to, x.canonical());
}

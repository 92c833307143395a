// IEEE 754 binary32 and binary64 arithmetic in integers only: what each f32 and f64 instruction of WebAssembly is lowered
// to. Round to nearest, ties to even; every NaN that arithmetic makes is the canonical one (the deterministic profile).
//
// Values are bit patterns (u32, u64). Names follow the instructions of the WebAssembly specification. Method of the basic
// operations: the textbook one (unpack, operate on integers with guard bits and a sticky bit, normalise, round, pack), e.g.
// Muller et al., Handbook of Floating-Point Arithmetic, chapter 8. Written for few executed instructions, since each is a
// row of a proof: branches for rare cases only, no loops but those of the square root.

typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
// Instructions of the proven machine that WebAssembly lacks; the linker of the lowering binds them.
__attribute__((import_module("zkwasm.internal"), import_name("mulhu"))) u64 mulhu(u64 a, u64 b);
__attribute__((import_module("zkwasm.internal"), import_name("trap_invalid_conversion"))) void trap_invalid_conversion(void);
__attribute__((import_module("zkwasm.internal"), import_name("trap_integer_overflow"))) void trap_integer_overflow(void);
#else
#define EXPORT(name)
static inline u64 mulhu(u64 a, u64 b) { return (u64)(((unsigned __int128)a * b) >> 64); }
void trap_invalid_conversion(void);
void trap_integer_overflow(void);
#endif

#define INLINE static inline __attribute__((always_inline))

// ---------------------------------------------------------------------------------------------------------- binary64

#define S64 0x8000000000000000ull
#define INF64 0x7ff0000000000000ull
#define NAN64 0x7ff8000000000000ull
#define HIDDEN64 0x0010000000000000ull
#define FRACTION64 0x000fffffffffffffull

// Rounds and packs sign * m * 2^(e - 1023 - 62), m in [2^62, 2^63) or below if e is 1 (subnormal); bit 0 of m is sticky.
// 1 <= e. Adding the fraction with its hidden bit onto e - 1 lets a carry out of rounding reach the exponent.
INLINE u64 pack64(u64 sign, i32 e, u64 m) {
  if (e >= 2047) return sign | INF64;
  u64 rest = m & 0x3ff;
  u64 f = m >> 10;
  // Up if rest > half, or at half if f is odd: rest + (f & 1) > 0x200.
  f += (rest + (f & 1)) > 0x200;
  return sign | (((u64)(e - 1) << 52) + f);
}

// The same for any e: shifts m right, keeping the sticky bit, if e is below 1.
INLINE u64 pack64_any(u64 sign, i32 e, u64 m) {
  if (e < 1) {
    u32 d = 1 - e;
    m = d > 62 ? 1 : (m >> d) | ((m << (64 - d)) != 0);
    e = 1;
  }
  return pack64(sign, e, m);
}

INLINE u64 add64(u64 a, u64 b) {
  u64 A = a & ~S64, B = b & ~S64;
  if (A < B) {
    u64 t = a; a = b; b = t;
    t = A; A = B; B = t;
  }
  // |a| >= |b|, and a is the NaN if there is one.
  if (A >= INF64) {
    if (A > INF64 || (B == INF64 && a != b)) return NAN64;
    return a;
  }
  if (B == 0) return A == 0 ? a & b : a;
  i32 e = (i32)(A >> 52), eb = (i32)(B >> 52);
  u64 ma = A & FRACTION64, mb = B & FRACTION64;
  if (e) ma |= HIDDEN64; else e = 1;
  if (eb) mb |= HIDDEN64; else eb = 1;
  ma <<= 10;
  mb <<= 10;
  u32 d = (u32)(e - eb);
  if (d) mb = d > 63 ? 1 : (mb >> d) | ((mb << (64 - d)) != 0);
  u64 sign = a & S64, m;
  if ((a ^ b) & S64) {
    m = ma - mb;
    if (m == 0) return 0;
    if (!(m >> 62)) {
      i32 s = __builtin_clzll(m) - 1;
      if (s > e - 1) s = e - 1;
      m <<= s;
      e -= s;
    }
  } else {
    m = ma + mb;
    if (m >> 63) {
      m = (m >> 1) | (m & 1);
      e++;
    }
  }
  return pack64(sign, e, m);
}

EXPORT(f64.add) u64 f64_add(u64 a, u64 b) { return add64(a, b); }
EXPORT(f64.sub) u64 f64_sub(u64 a, u64 b) { return add64(a, b ^ S64); }

// Splits a finite nonzero magnitude into exponent and fraction with its leading bit at 52.
#define UNPACK64(A, e, m)                   \
  i32 e = (i32)((A) >> 52);                 \
  u64 m = (A) & FRACTION64;                 \
  if (e) m |= HIDDEN64;                     \
  else {                                    \
    i32 s_ = __builtin_clzll(m) - 11;       \
    m <<= s_;                               \
    e = 1 - s_;                             \
  }

EXPORT(f64.mul) u64 f64_mul(u64 a, u64 b) {
  u64 sign = (a ^ b) & S64, A = a & ~S64, B = b & ~S64;
  if (A >= INF64 || B >= INF64) {
    if (A > INF64 || B > INF64 || A == 0 || B == 0) return NAN64;
    return sign | INF64;
  }
  if (A == 0 || B == 0) return sign;
  UNPACK64(A, ea, ma)
  UNPACK64(B, eb, mb)
  // (ma 2^10) (mb 2^11) is in [2^125, 2^127).
  u64 x = ma << 10, y = mb << 11;
  u64 hi = mulhu(x, y) | (x * y != 0);
  i32 e = ea + eb - 1022;
  if (!(hi >> 62)) {
    hi <<= 1;
    e--;
  }
  return pack64_any(sign, e, hi);
}

EXPORT(f64.div) u64 f64_div(u64 a, u64 b) {
  u64 sign = (a ^ b) & S64, A = a & ~S64, B = b & ~S64;
  if (A >= INF64 || B >= INF64) {
    if (A > INF64 || B > INF64 || A == B) return NAN64;
    return A == INF64 ? sign | INF64 : sign;
  }
  if (B == 0) return A == 0 ? NAN64 : sign | INF64;
  if (A == 0) return sign;
  UNPACK64(A, ea, ma)
  UNPACK64(B, eb, mb)
  i32 e = ea - eb + 1023;
  if (ma < mb) {
    ma <<= 1;
    e--;
  }
  // Long division by digits of 11 bits: q = floor(ma 2^55 / mb) in [2^55, 2^56); the remainder is the sticky bit.
  u64 q = 1, r = ma - mb, t;
  r <<= 11; t = r / mb; r -= t * mb; q = (q << 11) | t;
  r <<= 11; t = r / mb; r -= t * mb; q = (q << 11) | t;
  r <<= 11; t = r / mb; r -= t * mb; q = (q << 11) | t;
  r <<= 11; t = r / mb; r -= t * mb; q = (q << 11) | t;
  r <<= 11; t = r / mb; r -= t * mb; q = (q << 11) | t;
  return pack64_any(sign, e, (q << 7) | (r != 0));
}

// floor(sqrt(a)) for a in [2^60, 2^62): Newton from above, then one correction.
INLINE u64 sqrt62(u64 a) {
  // sqrt(a) <= (a / 2^31 + 2^31) / 2 by the inequality of the means, and it is at most 25 % (2^30 case) above.
  u64 x = ((a >> 31) + 0x80000000ull) >> 1;
  x = (x + a / x) >> 1;
  x = (x + a / x) >> 1;
  x = (x + a / x) >> 1;
  x = (x + a / x) >> 1;
  if (x * x > a) x--;
  return x;
}

EXPORT(f64.sqrt) u64 f64_sqrt(u64 a) {
  u64 A = a & ~S64;
  if (A == 0) return a;
  if (A > INF64 || (a & S64)) return NAN64;
  if (A == INF64) return a;
  UNPACK64(A, ea, m)
  // Value = m 2^(ea - 1075). Make the exponent of the radicand even: value = n 2^(2 k) with n = m 2^9 or m 2^8 in [2^60, 2^62).
  i32 odd = (ea + 1) & 1;  // ea - 1075 even if and only if ea is odd
  u64 n = m << (8 + odd);
  i32 e = (ea + 1023 - odd) >> 1;
  // Karatsuba square root (Zimmermann, INRIA RR-3805) of n 2^48: s = floor(sqrt) has 55 bits.
  u64 s1 = sqrt62(n), r1 = n - s1 * s1;  // s1 in [2^30, 2^31), r1 <= 2 s1
  // s = s1 2^24 + q with q = floor(r1 2^24 / (2 s1)), corrected down.
  u64 q = (r1 << 23) / s1;
  u64 u = (r1 << 24) - q * (s1 << 1);  // r1 2^24 - 2 s1 q, in [0, 2 s1)
  // Remainder of n 2^48 - s^2 = u 2^24 - q^2.
  i64 rest = (i64)((u << 24) - q * q);
  u64 s = (s1 << 24) + q;
  if (rest < 0) {
    s--;
    rest += (i64)(2 * s + 1);
  }
  // s in [2^54, 2^55): leading bit at 54; pack wants 62.
  return pack64(0, e, (s << 8) | (rest != 0));
}

EXPORT(f64.eq) u32 f64_eq(u64 a, u64 b) {
  u64 A = a & ~S64, B = b & ~S64;
  if (A > INF64 || B > INF64) return 0;
  return a == b || (A | B) == 0;
}
EXPORT(f64.ne) u32 f64_ne(u64 a, u64 b) { return !f64_eq(a, b); }

// Order of non-NaN values: as sign and magnitude; both zeros are 0.
INLINE i64 order64(u64 a) {
  i64 m = (i64)(a & ~S64);
  return a & S64 ? -m : m;
}
INLINE u32 nan64(u64 a) { return (a & ~S64) > INF64; }
EXPORT(f64.lt) u32 f64_lt(u64 a, u64 b) { return !nan64(a) && !nan64(b) && order64(a) < order64(b); }
EXPORT(f64.gt) u32 f64_gt(u64 a, u64 b) { return !nan64(a) && !nan64(b) && order64(a) > order64(b); }
EXPORT(f64.le) u32 f64_le(u64 a, u64 b) { return !nan64(a) && !nan64(b) && order64(a) <= order64(b); }
EXPORT(f64.ge) u32 f64_ge(u64 a, u64 b) { return !nan64(a) && !nan64(b) && order64(a) >= order64(b); }

EXPORT(f64.min) u64 f64_min(u64 a, u64 b) {
  if (nan64(a) || nan64(b)) return NAN64;
  i64 x = order64(a), y = order64(b);
  if (x == y) return a | b;  // differs only for zeros, where -0 is the less
  return x < y ? a : b;
}
EXPORT(f64.max) u64 f64_max(u64 a, u64 b) {
  if (nan64(a) || nan64(b)) return NAN64;
  i64 x = order64(a), y = order64(b);
  if (x == y) return a & b;
  return x > y ? a : b;
}

// Rounds to an integer: adds `up(fraction mask)` below the unit bit and clears the fraction; a carry into the exponent is right.
#define ROUND64(NAME, BELOW_ONE, INCREMENT)                          \
  u64 A = a & ~S64, sign = a & S64;                                  \
  if (A >= 0x4330000000000000ull) return A > INF64 ? NAN64 : a;      \
  if (A < 0x3ff0000000000000ull) return BELOW_ONE;                   \
  u64 mask = FRACTION64 >> ((A >> 52) - 1023);                       \
  return (a + (INCREMENT)) & ~mask;

EXPORT(f64.trunc) u64 f64_trunc(u64 a) { ROUND64(trunc, sign, 0) }
EXPORT(f64.floor) u64 f64_floor(u64 a) {
  ROUND64(floor, A == 0 ? a : sign ? 0xbff0000000000000ull : 0, sign ? mask : 0)
}
EXPORT(f64.ceil) u64 f64_ceil(u64 a) {
  ROUND64(ceil, A == 0 ? a : sign ? sign : 0x3ff0000000000000ull, sign ? 0 : mask)
}
EXPORT(f64.nearest) u64 f64_nearest(u64 a) {
  // Half to even: add half, less one unit in the last place if the unit bit is even (for 1.5: the unit bit is the hidden one, odd,
  // and mask + 1 is then the lowest exponent bit, which is 1 for exponent 1023).
  ROUND64(nearest, A > 0x3fe0000000000000ull ? sign | 0x3ff0000000000000ull : sign,
          (mask >> 1) + ((a & (mask + 1)) != 0))
}

// ---------------------------------------------------------------------------------------------------------- binary32

#define S32 0x80000000u
#define INF32 0x7f800000u
#define NAN32 0x7fc00000u
#define HIDDEN32 0x00800000u
#define FRACTION32 0x007fffffu

// As pack64: m in [2^30, 2^31), 7 bits to round.
INLINE u32 pack32(u32 sign, i32 e, u32 m) {
  if (e >= 255) return sign | INF32;
  u32 rest = m & 0x7f;
  u32 f = m >> 7;
  f += (rest + (f & 1)) > 0x40;
  return sign | (((u32)(e - 1) << 23) + f);
}
INLINE u32 pack32_any(u32 sign, i32 e, u32 m) {
  if (e < 1) {
    u32 d = 1 - e;
    m = d > 30 ? 1 : (m >> d) | ((m << (32 - d)) != 0);
    e = 1;
  }
  return pack32(sign, e, m);
}

INLINE u32 add32(u32 a, u32 b) {
  u32 A = a & ~S32, B = b & ~S32;
  if (A < B) {
    u32 t = a; a = b; b = t;
    t = A; A = B; B = t;
  }
  if (A >= INF32) {
    if (A > INF32 || (B == INF32 && a != b)) return NAN32;
    return a;
  }
  if (B == 0) return A == 0 ? a & b : a;
  i32 e = (i32)(A >> 23), eb = (i32)(B >> 23);
  u32 ma = A & FRACTION32, mb = B & FRACTION32;
  if (e) ma |= HIDDEN32; else e = 1;
  if (eb) mb |= HIDDEN32; else eb = 1;
  ma <<= 7;
  mb <<= 7;
  u32 d = (u32)(e - eb);
  if (d) mb = d > 31 ? 1 : (mb >> d) | ((mb << (32 - d)) != 0);
  u32 sign = a & S32, m;
  if ((a ^ b) & S32) {
    m = ma - mb;
    if (m == 0) return 0;
    if (!(m >> 30)) {
      i32 s = __builtin_clz(m) - 1;
      if (s > e - 1) s = e - 1;
      m <<= s;
      e -= s;
    }
  } else {
    m = ma + mb;
    if (m >> 31) {
      m = (m >> 1) | (m & 1);
      e++;
    }
  }
  return pack32(sign, e, m);
}

EXPORT(f32.add) u32 f32_add(u32 a, u32 b) { return add32(a, b); }
EXPORT(f32.sub) u32 f32_sub(u32 a, u32 b) { return add32(a, b ^ S32); }

#define UNPACK32(A, e, m)                   \
  i32 e = (i32)((A) >> 23);                 \
  u32 m = (A) & FRACTION32;                 \
  if (e) m |= HIDDEN32;                     \
  else {                                    \
    i32 s_ = __builtin_clz(m) - 8;          \
    m <<= s_;                               \
    e = 1 - s_;                             \
  }

EXPORT(f32.mul) u32 f32_mul(u32 a, u32 b) {
  u32 sign = (a ^ b) & S32, A = a & ~S32, B = b & ~S32;
  if (A >= INF32 || B >= INF32) {
    if (A > INF32 || B > INF32 || A == 0 || B == 0) return NAN32;
    return sign | INF32;
  }
  if (A == 0 || B == 0) return sign;
  UNPACK32(A, ea, ma)
  UNPACK32(B, eb, mb)
  u64 p = (u64)ma * mb;  // in [2^46, 2^48)
  i32 e = ea + eb - 126;
  u32 m = (u32)(p >> 17) | ((p & 0x1ffff) != 0);  // in [2^29, 2^31)
  if (!(m >> 30)) {
    m <<= 1;
    e--;
  }
  return pack32_any(sign, e, m);
}

EXPORT(f32.div) u32 f32_div(u32 a, u32 b) {
  u32 sign = (a ^ b) & S32, A = a & ~S32, B = b & ~S32;
  if (A >= INF32 || B >= INF32) {
    if (A > INF32 || B > INF32 || A == B) return NAN32;
    return A == INF32 ? sign | INF32 : sign;
  }
  if (B == 0) return A == 0 ? NAN32 : sign | INF32;
  if (A == 0) return sign;
  UNPACK32(A, ea, ma)
  UNPACK32(B, eb, mb)
  i32 e = ea - eb + 127;
  if (ma < mb) {
    ma <<= 1;
    e--;
  }
  u64 n = (u64)ma << 30;
  u64 q = n / mb;  // in [2^30, 2^31)
  return pack32_any(sign, e, (u32)q | (n != q * mb));
}

EXPORT(f32.sqrt) u32 f32_sqrt(u32 a) {
  u32 A = a & ~S32;
  if (A == 0) return a;
  if (A > INF32 || (a & S32)) return NAN32;
  if (A == INF32) return a;
  UNPACK32(A, ea, m)
  // Value = m 2^(ea - 150); n = m 2^37 or m 2^38 in [2^60, 2^62), leaving an even exponent.
  i32 odd = ea & 1;
  u64 n = (u64)m << (38 - odd);
  i32 e = (ea + 126 + odd) >> 1;
  u64 s = sqrt62(n);  // in [2^30, 2^31)
  return pack32(0, e, (u32)s | (s * s != n));
}

EXPORT(f32.eq) u32 f32_eq(u32 a, u32 b) {
  u32 A = a & ~S32, B = b & ~S32;
  if (A > INF32 || B > INF32) return 0;
  return a == b || (A | B) == 0;
}
EXPORT(f32.ne) u32 f32_ne(u32 a, u32 b) { return !f32_eq(a, b); }
INLINE i32 order32(u32 a) {
  i32 m = (i32)(a & ~S32);
  return a & S32 ? -m : m;
}
INLINE u32 nan32(u32 a) { return (a & ~S32) > INF32; }
EXPORT(f32.lt) u32 f32_lt(u32 a, u32 b) { return !nan32(a) && !nan32(b) && order32(a) < order32(b); }
EXPORT(f32.gt) u32 f32_gt(u32 a, u32 b) { return !nan32(a) && !nan32(b) && order32(a) > order32(b); }
EXPORT(f32.le) u32 f32_le(u32 a, u32 b) { return !nan32(a) && !nan32(b) && order32(a) <= order32(b); }
EXPORT(f32.ge) u32 f32_ge(u32 a, u32 b) { return !nan32(a) && !nan32(b) && order32(a) >= order32(b); }
EXPORT(f32.min) u32 f32_min(u32 a, u32 b) {
  if (nan32(a) || nan32(b)) return NAN32;
  i32 x = order32(a), y = order32(b);
  if (x == y) return a | b;
  return x < y ? a : b;
}
EXPORT(f32.max) u32 f32_max(u32 a, u32 b) {
  if (nan32(a) || nan32(b)) return NAN32;
  i32 x = order32(a), y = order32(b);
  if (x == y) return a & b;
  return x > y ? a : b;
}

#define ROUND32(BELOW_ONE, INCREMENT)                       \
  u32 A = a & ~S32, sign = a & S32;                         \
  if (A >= 0x4b000000u) return A > INF32 ? NAN32 : a;       \
  if (A < 0x3f800000u) return BELOW_ONE;                    \
  u32 mask = FRACTION32 >> ((A >> 23) - 127);               \
  return (a + (INCREMENT)) & ~mask;

EXPORT(f32.trunc) u32 f32_trunc(u32 a) { ROUND32(sign, 0) }
EXPORT(f32.floor) u32 f32_floor(u32 a) { ROUND32(A == 0 ? a : sign ? 0xbf800000u : 0, sign ? mask : 0) }
EXPORT(f32.ceil) u32 f32_ceil(u32 a) { ROUND32(A == 0 ? a : sign ? sign : 0x3f800000u, sign ? 0 : mask) }
EXPORT(f32.nearest) u32 f32_nearest(u32 a) {
  ROUND32(A > 0x3f000000u ? sign | 0x3f800000u : sign, (mask >> 1) + ((a & (mask + 1)) != 0))
}

// -------------------------------------------------------------------------------------------------------- conversions

EXPORT(f64.promote_f32) u64 f64_promote_f32(u32 a) {
  u64 sign = (u64)(a & S32) << 32;
  u32 A = a & ~S32;
  if (A >= INF32) return A > INF32 ? NAN64 : sign | INF64;
  if (A == 0) return sign;
  UNPACK32(A, e, m)
  return sign | (((u64)(e + 895) << 52) + ((u64)m << 29));
}

EXPORT(f32.demote_f64) u32 f32_demote_f64(u64 a) {
  u32 sign = (u32)(a >> 32) & S32;
  u64 A = a & ~S64;
  if (A >= INF64) return A > INF64 ? NAN32 : sign | INF32;
  i32 e = (i32)(A >> 52) - 896;
  if (e < -150) return sign;
  u64 f = A & FRACTION64;
  u32 m = 0x40000000u | (u32)(f >> 22) | ((f & 0x3fffff) != 0);
  return pack32_any(sign, e, m);
}

// From an unsigned magnitude.
INLINE u64 from64(u64 sign, u64 v) {
  if (v == 0) return 0;
  i32 s = __builtin_clzll(v);
  v <<= s;  // leading bit at 63
  return pack64(sign, 1023 + 63 - s, (v >> 1) | (v & 1));
}
INLINE u32 from32(u32 sign, u64 v) {
  if (v == 0) return 0;
  i32 s = __builtin_clzll(v);
  v <<= s;
  return pack32(sign, 127 + 63 - s, (u32)(v >> 33) | ((v & 0x1ffffffffull) != 0));
}
EXPORT(f64.convert_i32_u) u64 f64_convert_i32_u(u32 v) { return from64(0, v); }
EXPORT(f64.convert_i32_s) u64 f64_convert_i32_s(i32 v) {
  return v < 0 ? from64(S64, (u64)(-(i64)v)) : from64(0, (u64)v);
}
EXPORT(f64.convert_i64_u) u64 f64_convert_i64_u(u64 v) { return from64(0, v); }
EXPORT(f64.convert_i64_s) u64 f64_convert_i64_s(i64 v) { return v < 0 ? from64(S64, 0 - (u64)v) : from64(0, (u64)v); }
EXPORT(f32.convert_i32_u) u32 f32_convert_i32_u(u32 v) { return from32(0, v); }
EXPORT(f32.convert_i32_s) u32 f32_convert_i32_s(i32 v) {
  return v < 0 ? from32(S32, (u64)(-(i64)v)) : from32(0, (u64)v);
}
EXPORT(f32.convert_i64_u) u32 f32_convert_i64_u(u64 v) { return from32(0, v); }
EXPORT(f32.convert_i64_s) u32 f32_convert_i64_s(i64 v) { return v < 0 ? from32(S32, 0 - (u64)v) : from32(0, (u64)v); }

// Truncation of the magnitude of a finite or infinite value below 2^64; larger ones give `*over` = 1.
INLINE u64 magnitude64(u64 A, u32 *over) {
  i32 e = (i32)(A >> 52) - 1023;
  *over = e >= 64;
  if (e < 0) return 0;
  u64 m = ((A & FRACTION64) | HIDDEN64) << 11;  // leading bit at 63
  return m >> ((63 - e) & 63);
}

// Signed or unsigned truncation to WIDTH bits (as u64). Saturating: NaN is 0, too large is the extreme. Otherwise traps.
INLINE u64 trunc64(u64 a, u32 width, u32 is_signed, u32 saturating) {
  u64 A = a & ~S64;
  u32 negative = (a >> 63) != 0, over;
  if (A > INF64) {
    if (!saturating) trap_invalid_conversion();
    return 0;
  }
  u64 m = magnitude64(A, &over);
  u64 limit;  // greatest magnitude
  if (is_signed) limit = (1ull << (width - 1)) - 1 + negative;
  else limit = negative ? 0 : width == 64 ? ~0ull : (1ull << width) - 1;
  if (over || m > limit) {
    if (!saturating) trap_integer_overflow();
    m = limit;
  }
  return negative ? 0 - m : m;
}

EXPORT(i32.trunc_f64_s) u32 i32_trunc_f64_s(u64 a) { return (u32)trunc64(a, 32, 1, 0); }
EXPORT(i32.trunc_f64_u) u32 i32_trunc_f64_u(u64 a) { return (u32)trunc64(a, 32, 0, 0); }
EXPORT(i64.trunc_f64_s) u64 i64_trunc_f64_s(u64 a) { return trunc64(a, 64, 1, 0); }
EXPORT(i64.trunc_f64_u) u64 i64_trunc_f64_u(u64 a) { return trunc64(a, 64, 0, 0); }
EXPORT(i32.trunc_sat_f64_s) u32 i32_trunc_sat_f64_s(u64 a) { return (u32)trunc64(a, 32, 1, 1); }
EXPORT(i32.trunc_sat_f64_u) u32 i32_trunc_sat_f64_u(u64 a) { return (u32)trunc64(a, 32, 0, 1); }
EXPORT(i64.trunc_sat_f64_s) u64 i64_trunc_sat_f64_s(u64 a) { return trunc64(a, 64, 1, 1); }
EXPORT(i64.trunc_sat_f64_u) u64 i64_trunc_sat_f64_u(u64 a) { return trunc64(a, 64, 0, 1); }

// A binary32 is promoted exactly; NaN stays NaN.
EXPORT(i32.trunc_f32_s) u32 i32_trunc_f32_s(u32 a) { return (u32)trunc64(f64_promote_f32(a), 32, 1, 0); }
EXPORT(i32.trunc_f32_u) u32 i32_trunc_f32_u(u32 a) { return (u32)trunc64(f64_promote_f32(a), 32, 0, 0); }
EXPORT(i64.trunc_f32_s) u64 i64_trunc_f32_s(u32 a) { return trunc64(f64_promote_f32(a), 64, 1, 0); }
EXPORT(i64.trunc_f32_u) u64 i64_trunc_f32_u(u32 a) { return trunc64(f64_promote_f32(a), 64, 0, 0); }
EXPORT(i32.trunc_sat_f32_s) u32 i32_trunc_sat_f32_s(u32 a) { return (u32)trunc64(f64_promote_f32(a), 32, 1, 1); }
EXPORT(i32.trunc_sat_f32_u) u32 i32_trunc_sat_f32_u(u32 a) { return (u32)trunc64(f64_promote_f32(a), 32, 0, 1); }
EXPORT(i64.trunc_sat_f32_s) u64 i64_trunc_sat_f32_s(u32 a) { return trunc64(f64_promote_f32(a), 64, 1, 1); }
EXPORT(i64.trunc_sat_f32_u) u64 i64_trunc_sat_f32_u(u32 a) { return trunc64(f64_promote_f32(a), 64, 0, 1); }

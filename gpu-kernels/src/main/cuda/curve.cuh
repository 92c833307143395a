// The group G1 of BN254, y^2 = x^3 + 3.
//
// Affine points are two canonical coordinates in Montgomery form, infinity is (0, 0). Sums are kept in XYZZ coordinates:
// x = X / ZZ, y = Y / ZZZ, ZZ^3 = ZZZ^2, and ZZ = 0, all limbs, for infinity. Formulas madd-2008-s, add-2008-s and
// dbl-2008-s-1 of the Explicit-Formulas Database (Sutherland 2008), complete here by case distinction. Coordinates of
// sums are below 2p.
#pragma once
#include "field.cuh"

struct Affine {
  Fq x, y;

  // No point has y = 0: the group's order is odd.
  DEVICE bool is_infinity() const { return y.is_null(); }
};

DEVICE Affine load_point(const Affine* from) {
  Affine r;
  r.x = load(&from->x);
  r.y = load(&from->y);
  return r;
}

struct Xyzz;
DEVICE_CALL Xyzz sum_of(const Xyzz& p, const Xyzz& o);
DEVICE_CALL Xyzz twice_of(const Xyzz& p);

struct Xyzz {
  Fq x, y, zz, zzz;

  static DEVICE Xyzz infinity() {
    Xyzz r;
    r.x = r.y = r.zz = r.zzz = Fq::zero();
    return r;
  }

  static DEVICE Xyzz of(const Affine& p) {
    if (p.is_infinity()) return infinity();
    Xyzz r;
    r.x = p.x;
    r.y = p.y;
    r.zz = r.zzz = Fq::one();
    return r;
  }

  // A product of numbers that are not 0 mod p is not 0 mod p, so only set zeros are zero.
  DEVICE bool is_infinity() const { return zz.is_null(); }

  // Adds an affine point, 8 products and 2 squares, or its negative.
  DEVICE void add(Affine p, bool negate) {
    if (p.is_infinity()) return;
    if (negate) p.y = p.y.negative_of_canonical();
    if (is_infinity()) {
      *this = of(p);
      return;
    }
    Fq difference = p.x * zz - x;
    Fq slope = p.y * zzz - y;
    if (difference.is_zero()) {
      if (slope.is_zero()) {
        twice();
      } else {
        *this = infinity();
      }
      return;
    }
    finish(difference, slope, x, y);
  }

  DEVICE void add(const Xyzz& o) { *this = sum_of(*this, o); }

  DEVICE void twice() { *this = twice_of(*this); }

  // The common end of both additions: u and s are the first point's coordinates over the common denominators zz, zzz.
  DEVICE void finish(const Fq& difference, const Fq& slope, const Fq& u, const Fq& s) {
    Fq square = difference.square();
    Fq cube = difference * square;
    Fq q = u * square;
    Fq t = s * cube;
    x = slope.square() - cube - q.twice();
    y = slope * (q - x) - t;
    zz = zz * square;
    zzz = zzz * cube;
  }
};

DEVICE_CALL Xyzz twice_of(const Xyzz& p) {
  if (p.is_infinity()) return p;
  Fq u = p.y.twice();
  Fq v = u.square();
  Fq w = u * v;
  Fq s = p.x * v;
  Fq m = p.x.square();
  m = m + m.twice();
  Xyzz r;
  r.x = m.square() - s.twice();
  r.y = m * (s - r.x) - w * p.y;
  r.zz = v * p.zz;
  r.zzz = w * p.zzz;
  return r;
}

DEVICE_CALL Xyzz sum_of(const Xyzz& p, const Xyzz& o) {
  if (o.is_infinity()) return p;
  if (p.is_infinity()) return o;
  Fq u = p.x * o.zz;
  Fq s = p.y * o.zzz;
  Fq difference = o.x * p.zz - u;
  Fq slope = o.y * p.zzz - s;
  if (difference.is_zero()) return slope.is_zero() ? twice_of(p) : Xyzz::infinity();
  Xyzz r;
  r.zz = p.zz * o.zz;
  r.zzz = p.zzz * o.zzz;
  r.finish(difference, slope, u, s);
  return r;
}

DEVICE Xyzz load_sum(const Xyzz* from) {
  Xyzz r;
  r.x = load(&from->x);
  r.y = load(&from->y);
  r.zz = load(&from->zz);
  r.zzz = load(&from->zzz);
  return r;
}

DEVICE void store_sum(Xyzz* to, const Xyzz& p) {
  store(&to->x, p.x);
  store(&to->y, p.y);
  store(&to->zz, p.zz);
  store(&to->zzz, p.zzz);
}

// Down to the host the coordinates go canonical.
DEVICE void store_sum_canonical(Xyzz* to, const Xyzz& p) {
  store_canonical(&to->x, p.x);
  store_canonical(&to->y, p.y);
  store_canonical(&to->zz, p.zz);
  store_canonical(&to->zzz, p.zzz);
}

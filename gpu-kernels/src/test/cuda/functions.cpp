// The device functions one by one, over arrays, for comparison with their twins in Java.
#include "curve.cuh"

namespace {

template <class F>
int field(int operation, const F* a, const F* b, F* out, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    switch (operation) {
      case 0:
        out[i] = a[i] + b[i];
        break;
      case 1:
        out[i] = a[i] - b[i];
        break;
      case 2:
        out[i] = F::mul_chain(a[i], b[i]);
        break;
      case 3:
        out[i] = F::mul_wide(a[i], b[i]);
        break;
      case 4:
        out[i] = a[i].canonical();
        break;
      case 5:
        out[i] = a[i].inverse();
        break;
      case 6:
        out[i] = a[i].canonical().negative_of_canonical();
        break;
      case 7:
        out[i] = a[i].to_plain();
        break;
      case 8:
        out[i] = a[i].minus_unreduced(b[i]);
        break;
      case 9:
        out[i] = a[i].is_zero() ? F::one() : F::zero();
        break;
      default:
        return 1;
    }
  }
  return 0;
}

}  // namespace

extern "C" {

// An operation on elements of Fr (which = 0) or Fq (1), none of which need be canonical; 1 if there is none.
int device_field(int which, int operation, const void* a, const void* b, void* out, uint64_t n) {
  return which == 0
             ? field(operation, static_cast<const Fr*>(a), static_cast<const Fr*>(b), static_cast<Fr*>(out), n)
             : field(operation, static_cast<const Fq*>(a), static_cast<const Fq*>(b), static_cast<Fq*>(out), n);
}

// sums[i] += points[i], -= if negate, in XYZZ coordinates.
void device_add_point(Xyzz* sums, const Affine* points, uint64_t n, int negate) {
  for (uint64_t i = 0; i < n; i++) sums[i].add(points[i], negate != 0);
}

// sums[i] += others[i].
void device_add_sum(Xyzz* sums, const Xyzz* others, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) sums[i].add(others[i]);
}

// sums[i] += sums[i], by the formula for doubling.
void device_double(Xyzz* sums, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) sums[i].twice();
}
}

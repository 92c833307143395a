// The guest that `zkprover bench` runs unless it is given another one. Built with Debian clang 14.0.6:
//   clang --target=wasm32 -O2 -ffreestanding -nostdlib -Wl,--no-entry -Wl,--strip-debug -o sort.wasm sort.c
#include <stdint.h>

#define MAX (1u << 20)

static uint32_t a[MAX];

static void sift(uint32_t root, uint32_t n) {
  uint32_t x = a[root];
  for (;;) {
    uint32_t child = 2 * root + 1;
    if (child >= n) break;
    if (child + 1 < n && a[child + 1] > a[child]) child++;
    if (a[child] <= x) break;
    a[root] = a[child];
    root = child;
  }
  a[root] = x;
}

// Heap sort of n pseudo-random numbers, n at most 2^20; a hash of the result.
__attribute__((export_name("sort"))) uint32_t sort(uint32_t n) {
  if (n > MAX) __builtin_trap();
  uint32_t x = 12345;
  for (uint32_t i = 0; i < n; i++) a[i] = x = x * 1664525u + 1013904223u;
  for (uint32_t i = n / 2; i-- > 0;) sift(i, n);
  for (uint32_t end = n; end-- > 1;) {
    uint32_t t = a[0];
    a[0] = a[end];
    a[end] = t;
    sift(0, end);
  }
  uint32_t h = 0;
  for (uint32_t i = 0; i < n; i++) h = 31 * h + a[i];
  return h;
}

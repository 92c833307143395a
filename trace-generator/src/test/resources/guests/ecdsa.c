// Verifies an ECDSA signature on secp256k1 (SEC 1, 4.1.4), in plain C.
//
// public input   32 bytes message digest, 32 bytes x and 32 bytes y of the public key, 32 bytes r, 32 bytes s; big-endian
// output         u8 1 if the signature is valid, else 0
//
// Exit code 1: the input is not 160 bytes long. Nothing here is secret, so nothing runs in constant time.
#define ZKWASM(name) __attribute__((import_module("zkwasm"), import_name(#name)))
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef unsigned __int128 u128;

ZKWASM(input_len) u32 input_len(void);
ZKWASM(input_read) void input_read(void *to, u32 offset, u32 length);
ZKWASM(output_write) void output_write(const void *from, u32 length);
ZKWASM(exit) _Noreturn void zkwasm_exit(u32 code);

// 256-bit numbers, least significant limb first.
typedef struct { u64 v[4]; } num;

static const num P = {{0xfffffffefffffc2fULL, ~0ULL, ~0ULL, ~0ULL}};
static const num N = {{0xbfd25e8cd0364141ULL, 0xbaaedce6af48a03bULL, ~1ULL, ~0ULL}};
static const num G_X = {{0x59f2815b16f81798ULL, 0x029bfcdb2dce28d9ULL, 0x55a06295ce870b07ULL, 0x79be667ef9dcbbacULL}};
static const num G_Y = {{0x9c47d08ffb10d4b8ULL, 0xfd17b448a6855419ULL, 0x5da4fbfc0e1108a8ULL, 0x483ada7726a3c465ULL}};
static const num ONE = {{1, 0, 0, 0}};

// 2^256 mod P
#define FOLD 0x1000003d1ULL

static int is_zero(const num *a) { return (a->v[0] | a->v[1] | a->v[2] | a->v[3]) == 0; }

static int less(const num *a, const num *b) {
  for (int i = 3; i >= 0; i--) {
    if (a->v[i] != b->v[i]) return a->v[i] < b->v[i];
  }
  return 0;
}

static u64 add_raw(num *r, const num *a, const num *b) {
  u64 carry = 0;
  for (int i = 0; i < 4; i++) {
    u64 t = a->v[i] + carry;
    carry = t < carry;
    r->v[i] = t + b->v[i];
    carry += r->v[i] < t;
  }
  return carry;
}

static u64 sub_raw(num *r, const num *a, const num *b) {
  u64 borrow = 0;
  for (int i = 0; i < 4; i++) {
    u64 x = a->v[i], t = x - b->v[i];
    u64 below = x < b->v[i];
    r->v[i] = t - borrow;
    borrow = below + (t < borrow);
  }
  return borrow;
}

static void add_small(num *r, u64 carry) {
  for (int i = 0; i < 4 && carry; i++) {
    r->v[i] += carry;
    carry = r->v[i] < carry;
  }
}

// The field mod P. Values are below 2^256, not always below P.

static void f_normalize(num *a) {
  if (!less(a, &P)) sub_raw(a, a, &P);
}

static int f_is_zero(const num *a) {
  num t = *a;
  f_normalize(&t);
  return is_zero(&t);
}

static void f_add(num *r, const num *a, const num *b) {
  if (add_raw(r, a, b)) {
    num fold = {{FOLD, 0, 0, 0}};
    if (add_raw(r, r, &fold)) add_small(r, FOLD);
  }
}

static void f_sub(num *r, const num *a, const num *b) {
  if (sub_raw(r, a, b)) {
    num fold = {{FOLD, 0, 0, 0}};
    if (sub_raw(r, r, &fold)) sub_raw(r, r, &fold);
  }
}

static void f_mul(num *r, const num *a, const num *b) {
  u64 t[8] = {0};
  for (int i = 0; i < 4; i++) {
    u64 carry = 0;
    for (int j = 0; j < 4; j++) {
      u128 x = (u128)a->v[i] * b->v[j] + t[i + j] + carry;
      t[i + j] = (u64)x;
      carry = (u64)(x >> 64);
    }
    t[i + 4] = carry;
  }
  // low + 2^256 high = low + FOLD high
  u64 carry = 0;
  for (int i = 0; i < 4; i++) {
    u128 x = (u128)t[i + 4] * FOLD + t[i] + carry;
    r->v[i] = (u64)x;
    carry = (u64)(x >> 64);
  }
  u128 x = (u128)carry * FOLD;
  num fold = {{(u64)x, (u64)(x >> 64), 0, 0}};
  if (add_raw(r, r, &fold)) add_small(r, FOLD);
}

static void f_sqr(num *r, const num *a) { f_mul(r, a, a); }

// Numbers mod N, in Montgomery form: a stands for a / 2^256.

static void n_mul(num *r, const num *a, const num *b) {
  u64 t[6] = {0};
  for (int i = 0; i < 4; i++) {
    u64 carry = 0;
    for (int j = 0; j < 4; j++) {
      u128 x = (u128)a->v[i] * b->v[j] + t[j] + carry;
      t[j] = (u64)x;
      carry = (u64)(x >> 64);
    }
    t[4] += carry;
    t[5] = t[4] < carry;
    u64 m = t[0] * 0x4b0dff665588b13fULL; // -1 / N mod 2^64
    carry = (u64)(((u128)m * N.v[0] + t[0]) >> 64);
    for (int j = 1; j < 4; j++) {
      u128 x = (u128)m * N.v[j] + t[j] + carry;
      t[j - 1] = (u64)x;
      carry = (u64)(x >> 64);
    }
    t[3] = t[4] + carry;
    t[4] = t[5] + (t[3] < carry);
  }
  num x = {{t[0], t[1], t[2], t[3]}};
  if (t[4] || !less(&x, &N)) sub_raw(&x, &x, &N);
  *r = x;
}

// 1 / a by Fermat; a in Montgomery form.
static void n_invert(num *r, const num *a) {
  num e, two = {{2, 0, 0, 0}};
  sub_raw(&e, &N, &two);
  num x = *a;
  for (int i = 254; i >= 0; i--) {
    n_mul(&x, &x, &x);
    if (e.v[i / 64] >> (i % 64) & 1) n_mul(&x, &x, a);
  }
  *r = x;
}

// Points (x / z^2, y / z^3); z = 0 is the point at infinity.
typedef struct { num x, y, z; } point;

// https://hyperelliptic.org/EFD/g1p/auto-shortw-jacobian-0.html, dbl-2009-l
static void p_double(point *r, const point *p) {
  num a, b, c, d, e, f, t;
  f_sqr(&a, &p->x);
  f_sqr(&b, &p->y);
  f_sqr(&c, &b);
  f_mul(&d, &p->x, &b);
  f_add(&d, &d, &d);
  f_add(&d, &d, &d);
  f_add(&e, &a, &a);
  f_add(&e, &e, &a);
  f_sqr(&f, &e);
  f_mul(&t, &p->y, &p->z);
  f_add(&r->z, &t, &t);
  f_sub(&f, &f, &d);
  f_sub(&r->x, &f, &d);
  f_sub(&t, &d, &r->x);
  f_mul(&t, &e, &t);
  f_add(&c, &c, &c);
  f_add(&c, &c, &c);
  f_add(&c, &c, &c);
  f_sub(&r->y, &t, &c);
}

// add-1998-cmo-2, and the cases that it does not cover
static void p_add(point *r, const point *p, const point *q) {
  if (f_is_zero(&p->z)) { *r = *q; return; }
  if (f_is_zero(&q->z)) { *r = *p; return; }
  num zz1, zz2, u1, u2, s1, s2, h, hh, hhh, v, d, z, t;
  f_sqr(&zz1, &p->z);
  f_sqr(&zz2, &q->z);
  f_mul(&u1, &p->x, &zz2);
  f_mul(&u2, &q->x, &zz1);
  f_mul(&s1, &p->y, &q->z);
  f_mul(&s1, &s1, &zz2);
  f_mul(&s2, &q->y, &p->z);
  f_mul(&s2, &s2, &zz1);
  f_sub(&h, &u2, &u1);
  f_sub(&d, &s2, &s1);
  if (f_is_zero(&h)) {
    if (f_is_zero(&d)) {
      p_double(r, p);
    } else {
      num zero = {{0}};
      r->x = ONE;
      r->y = ONE;
      r->z = zero;
    }
    return;
  }
  f_sqr(&hh, &h);
  f_mul(&hhh, &hh, &h);
  f_mul(&v, &u1, &hh);
  f_mul(&z, &p->z, &q->z);
  f_mul(&r->z, &z, &h);
  f_sqr(&t, &d);
  f_sub(&t, &t, &hhh);
  f_sub(&t, &t, &v);
  f_sub(&r->x, &t, &v);
  f_sub(&t, &v, &r->x);
  f_mul(&t, &d, &t);
  f_mul(&s1, &s1, &hhh);
  f_sub(&r->y, &t, &s1);
}

static int on_curve(const num *x, const num *y) {
  num t, u, seven = {{7, 0, 0, 0}};
  f_sqr(&t, x);
  f_mul(&t, &t, x);
  f_add(&t, &t, &seven);
  f_sqr(&u, y);
  f_sub(&t, &t, &u);
  return f_is_zero(&t);
}

// r = a G + b Q, two bits of both at a time.
static void multiply(point *r, const num *a, const num *b, const point *q) {
  static point table[16];
  num zero = {{0}};
  table[0].x = ONE;
  table[0].y = ONE;
  table[0].z = zero;
  table[1].x = G_X;
  table[1].y = G_Y;
  table[1].z = ONE;
  p_double(&table[2], &table[1]);
  p_add(&table[3], &table[2], &table[1]);
  for (int j = 1; j < 4; j++) {
    for (int i = 0; i < 4; i++) p_add(&table[4 * j + i], &table[4 * j + i - 4], q);
  }
  point sum = table[0];
  for (int i = 254; i >= 0; i -= 2) {
    point t;
    p_double(&t, &sum);
    p_double(&sum, &t);
    u32 index = (a->v[i / 64] >> (i % 64) & 3) | (b->v[i / 64] >> (i % 64) & 3) << 2;
    if (index) {
      p_add(&t, &sum, &table[index]);
      sum = t;
    }
  }
  *r = sum;
}

static void from_bytes(num *r, const u8 *bytes) {
  for (int i = 0; i < 4; i++) {
    u64 limb = 0;
    for (int j = 0; j < 8; j++) limb = limb << 8 | bytes[8 * (3 - i) + j];
    r->v[i] = limb;
  }
}

static int verify(const u8 *input) {
  static const num R2 = {{0x896cf21467d7d140ULL, 0x741496c20e7cf878ULL, 0xe697f5e45bcd07c6ULL, 0x9d671cd581c69bc5ULL}};
  num digest, r, s;
  point q, sum;
  from_bytes(&digest, input);
  from_bytes(&q.x, input + 32);
  from_bytes(&q.y, input + 64);
  from_bytes(&r, input + 96);
  from_bytes(&s, input + 128);
  q.z = ONE;
  if (is_zero(&r) || is_zero(&s) || !less(&r, &N) || !less(&s, &N)) return 0;
  if (!less(&q.x, &P) || !less(&q.y, &P) || !on_curve(&q.x, &q.y)) return 0;
  if (!less(&digest, &N)) sub_raw(&digest, &digest, &N);
  num w, u1, u2;
  n_mul(&w, &s, &R2);
  n_invert(&w, &w);
  n_mul(&u1, &digest, &w);
  n_mul(&u2, &r, &w);
  multiply(&sum, &u1, &u2, &q);
  if (f_is_zero(&sum.z)) return 0;
  // x / z^2 mod P mod N = r: x = r z^2, or x = (r + N) z^2 where r + N < P.
  num zz, t;
  f_sqr(&zz, &sum.z);
  f_mul(&t, &r, &zz);
  f_sub(&t, &t, &sum.x);
  if (f_is_zero(&t)) return 1;
  if (add_raw(&t, &r, &N) || !less(&t, &P)) return 0;
  f_mul(&t, &t, &zz);
  f_sub(&t, &t, &sum.x);
  return f_is_zero(&t);
}

__attribute__((export_name("run"))) void run(void) {
  u8 input[160];
  if (input_len() != sizeof input) zkwasm_exit(1);
  input_read(input, 0, sizeof input);
  u8 valid = (u8)verify(input);
  output_write(&valid, 1);
}

// A sealed-bid, second-price auction as an Extension: proves whether a secret bid wins, and what it pays, without showing it.
//
// public input   u64 reserve price, then any number of competing bids, each u64; little-endian
// private input  u64 own bid, 24 bytes of salt
// output         u8 1 if the own bid wins, else 0
//                u64 the price to pay: the greater of reserve and best competing bid (0 if it does not win)
//                32 bytes SHA-256 of the private input: the commitment that the bidder published before
//
// Exit code 1: the public input is malformed; 2: the private input is. README.md has the build command.
#define ZKWASM(name) __attribute__((import_module("zkwasm"), import_name(#name)))
typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

ZKWASM(input_len) u32 input_len(void);
ZKWASM(input_read) void input_read(void *to, u32 offset, u32 length);
ZKWASM(private_len) u32 private_len(void);
ZKWASM(private_read) void private_read(void *to, u32 offset, u32 length);
ZKWASM(output_write) void output_write(const void *from, u32 length);
ZKWASM(exit) _Noreturn void zkwasm_exit(u32 code);

static const u32 K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static u32 rotr(u32 x, u32 n) { return x >> n | x << (32 - n); }

// SHA-256 of 32 bytes: one block.
static void sha256_32(const u8 *message, u8 *digest) {
  u32 w[64];
  u32 s[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
              0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  for (u32 i = 0; i < 8; i++) w[i] = __builtin_bswap32(((const u32 *)message)[i]);
  w[8] = 0x80000000;
  for (u32 i = 9; i < 15; i++) w[i] = 0;
  w[15] = 256;
  for (u32 i = 16; i < 64; i++) {
    u32 a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotr(a, 7) ^ rotr(a, 18) ^ a >> 3) + w[i - 7] +
           (rotr(b, 17) ^ rotr(b, 19) ^ b >> 10);
  }
  u32 a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
  for (u32 i = 0; i < 64; i++) {
    u32 t1 = h + (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
    u32 t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g, g = f, f = e, e = d + t1, d = c, c = b, b = a, a = t1 + t2;
  }
  s[0] += a, s[1] += b, s[2] += c, s[3] += d, s[4] += e, s[5] += f, s[6] += g, s[7] += h;
  for (u32 i = 0; i < 8; i++) ((u32 *)digest)[i] = __builtin_bswap32(s[i]);
}

static _Alignas(8) u8 secret[32];
static _Alignas(8) u8 digest[32];

__attribute__((export_name("run"))) void run(void) {
  u32 length = input_len();
  if (length < 8 || length % 8 != 0) zkwasm_exit(1);
  if (private_len() != sizeof secret) zkwasm_exit(2);
  private_read(secret, 0, sizeof secret);
  u64 bid = *(u64 *)secret;

  u64 price = 0; // the greatest of reserve and competing bids
  u32 wins = 1;
  for (u32 offset = 0; offset < length; offset += 8) {
    u64 other;
    input_read(&other, offset, 8);
    // An equal competing bid was there first; the reserve only has to be met.
    if (offset == 0 ? bid < other : bid <= other) wins = 0;
    if (other > price) price = other;
  }
  u8 won = (u8)wins;
  u64 pays = wins ? price : 0;
  sha256_32(secret, digest);
  output_write(&won, 1);
  output_write(&pays, 8);
  output_write(digest, 32);
}

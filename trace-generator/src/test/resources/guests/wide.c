// Products of 128-bit integers, by the helper __multi3 of compiler-rt.
typedef unsigned long long u64;
typedef unsigned __int128 u128;

static u128 wide(u64 low, u64 high) { return (u128)high << 64 | low; }

__attribute__((export_name("full"))) void full(u128 *to, u64 a, u64 a_high, u64 b, u64 b_high) { *to = wide(a, a_high) * wide(b, b_high); }

__attribute__((export_name("half"))) void half(u128 *to, u64 a, u64 b) { *to = (u128)a * b; }

__attribute__((export_name("mixed"))) void mixed(u128 *to, u64 a, u64 a_high, u64 b) { *to = wide(a, a_high) * b; }

__attribute__((export_name("constant"))) void constant(u128 *to, u64 a, u64 a_high) { *to = wide(a, a_high) * wide(0x123456789abcdef0ULL, 7); }

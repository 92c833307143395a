//! Primality of 64-bit numbers by the Miller-Rabin test with the first twelve primes as bases, which decides for all of them. Products
//! are taken modulo n in Montgomery form, with 128-bit integers.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

struct Modulus {
    n: u64,
    /// -1 / n mod 2^64
    negated_inverse: u64,
}

impl Modulus {
    fn new(n: u64) -> Self {
        let mut inverse = n;
        for _ in 0..5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(n.wrapping_mul(inverse)));
        }
        Modulus { n, negated_inverse: inverse.wrapping_neg() }
    }

    /// a b / 2^64 mod n
    fn mul(&self, a: u64, b: u64) -> u64 {
        let t = a as u128 * b as u128;
        let m = (t as u64).wrapping_mul(self.negated_inverse);
        let (sum, overflow) = t.overflowing_add(m as u128 * self.n as u128);
        let high = (sum >> 64) as u64;
        if overflow || high >= self.n { high.wrapping_sub(self.n) } else { high }
    }

    fn double(&self, a: u64) -> u64 {
        let (sum, overflow) = a.overflowing_add(a);
        if overflow || sum >= self.n { sum.wrapping_sub(self.n) } else { sum }
    }

    fn pow(&self, one: u64, base: u64, exponent: u64) -> u64 {
        let mut result = one;
        for i in (0..64 - exponent.leading_zeros()).rev() {
            result = self.mul(result, result);
            if exponent >> i & 1 == 1 {
                result = self.mul(result, base);
            }
        }
        result
    }
}

#[no_mangle]
pub extern "C" fn is_prime(n: u64) -> u32 {
    const BASES: [u64; 12] = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];
    if n < 2 {
        return 0;
    }
    for p in BASES {
        if n % p == 0 {
            return (n == p) as u32;
        }
    }
    let modulus = Modulus::new(n);
    // 2^64 mod n and its square: 1 and 2^64 in Montgomery form.
    let one = (u64::MAX % n + 1) % n;
    let minus_one = n - one;
    let mut square = one;
    for _ in 0..64 {
        square = modulus.double(square);
    }
    let twos = (n - 1).trailing_zeros();
    'bases: for p in BASES {
        let base = modulus.mul(p, square);
        let mut x = modulus.pow(one, base, (n - 1) >> twos);
        if x == one || x == minus_one {
            continue;
        }
        for _ in 1..twos {
            x = modulus.mul(x, x);
            if x == minus_one {
                continue 'bases;
            }
        }
        return 0;
    }
    1
}

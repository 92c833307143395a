//! Products of 128-bit integers, by the helper `__multi3` of Rust's compiler-builtins.
#![no_std]

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

fn wide(low: u64, high: u64) -> u128 {
    (high as u128) << 64 | low as u128
}

#[no_mangle]
pub extern "C" fn full(to: &mut u128, a: u64, a_high: u64, b: u64, b_high: u64) {
    *to = wide(a, a_high).wrapping_mul(wide(b, b_high));
}

#[no_mangle]
pub extern "C" fn half(to: &mut u128, a: u64, b: u64) {
    *to = a as u128 * b as u128;
}

#[no_mangle]
pub extern "C" fn mixed(to: &mut u128, a: u64, a_high: u64, b: u64) {
    *to = wide(a, a_high).wrapping_mul(b as u128);
}

#[no_mangle]
pub extern "C" fn constant(to: &mut u128, a: u64, a_high: u64) {
    *to = wide(a, a_high).wrapping_mul(wide(0x123456789abcdef0, 7));
}

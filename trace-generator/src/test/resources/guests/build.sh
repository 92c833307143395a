#!/bin/sh
# Builds the guests here; README.md says with which compilers.
set -e
cd "$(dirname "$0")"
c="--target=wasm32 -O2 -mbulk-memory -ffreestanding -nostdlib -Wl,--no-entry -Wl,--strip-debug -Wl,-z,stack-size=16384"
# compiler-rt for WebAssembly: holds __multi3
builtins=$(clang --target=wasm32-wasi -print-libgcc-file-name)
# shellcheck disable=SC2086
clang $c -o distance.wasm distance.c
# shellcheck disable=SC2086
clang $c -o ecdsa.wasm ecdsa.c "$builtins"
# shellcheck disable=SC2086
clang $c -o wide.wasm wide.c "$builtins"
for rust in primes wide_rust; do
  "${RUSTC:-rustc}" --crate-type cdylib --target wasm32-unknown-unknown -C opt-level=3 -C panic=abort -C linker=wasm-ld \
    -C link-arg=--strip-all -C link-arg=-zstack-size=16384 -o $rust.wasm $rust.rs
done
npx asc queens.ts -O3 --runtime stub -o queens.wasm

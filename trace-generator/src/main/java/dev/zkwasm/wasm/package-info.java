/**
 * Reads WebAssembly modules: own reader with byte offsets and the whitelist of what the lowering
 * supports, then validation by Chicory.
 */
package dev.zkwasm.wasm;

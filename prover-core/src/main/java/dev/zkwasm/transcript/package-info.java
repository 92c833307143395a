/** The Fiat-Shamir transcript over Keccak-256 ({@code docs/spec/protocol.md}, "Transcript"). */
package dev.zkwasm.transcript;

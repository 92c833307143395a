/**
 * What is proven and how it is written down: statement, proof, proof file, and the numbering of a
 * proof's parts that prover and verifier share ({@code docs/spec/protocol.md}).
 */
package dev.zkwasm.proof;

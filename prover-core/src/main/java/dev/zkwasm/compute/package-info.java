/**
 * What the prover's heavy arithmetic runs on: the interface of a backend, the programs that one
 * runs over columns, and the selection of a backend. Nothing in here knows what is proven.
 */
package dev.zkwasm.compute;

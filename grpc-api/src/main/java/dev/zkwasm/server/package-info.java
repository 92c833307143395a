/** The gRPC service {@code zkwasm.prover.v1}. */
package dev.zkwasm.server;

/**
 * The prover: a coordinator that runs the rounds of a proof, and instance provers that each hold
 * one table. Between them go only commitments, evaluations and sums, so that instances can live on
 * several devices or machines.
 */
package dev.zkwasm.prover;

/**
 * The verifier. What is trusted in this project is this package and the little that it stands on:
 * field, curve, scalar polynomials, transcript, encodings, and the constraints of the tables.
 */
package dev.zkwasm.verifier;

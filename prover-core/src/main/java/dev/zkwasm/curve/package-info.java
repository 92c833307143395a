/**
 * The BN254 groups in scalar code: points and their encodings, sums of a few points, the pairing.
 * This is all the curve arithmetic that the verifier uses.
 */
package dev.zkwasm.curve;

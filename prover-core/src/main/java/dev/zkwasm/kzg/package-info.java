/**
 * KZG polynomial commitments over BN254: reference strings (the development string, imported
 * ceremonies) and the batch opening. The verifier's side needs only fields and curves.
 */
package dev.zkwasm.kzg;

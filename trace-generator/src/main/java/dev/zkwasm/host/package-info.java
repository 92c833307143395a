/**
 * The assembler of lowered code, and the routines written in it: host interface, bulk memory, rarer
 * arithmetic.
 */
package dev.zkwasm.host;

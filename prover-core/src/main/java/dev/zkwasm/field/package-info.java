/**
 * The two BN254 prime fields: packed scalar arithmetic ({@link dev.zkwasm.field.PrimeField}), and
 * immutable elements ({@link dev.zkwasm.field.Fr}, {@link dev.zkwasm.field.Fq}).
 */
package dev.zkwasm.field;

/**
 * The tables: one class each, in three sections (columns, constraints, fill), and {@link
 * dev.zkwasm.table.TableSet}, which lists them in order.
 */
package dev.zkwasm.table;

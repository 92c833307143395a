/** Results, and what is printed, stored, drawn and compared of them. */
package dev.zkwasm.bench.report;

/** The {@code zkprover} command line. */
package dev.zkwasm.cli;

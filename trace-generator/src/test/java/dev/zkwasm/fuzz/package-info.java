/** Hostile bytes for everything that reads bytes. */
package dev.zkwasm.fuzz;

/** What is timed, and how its results are checked. */
package dev.zkwasm.bench.kernel;

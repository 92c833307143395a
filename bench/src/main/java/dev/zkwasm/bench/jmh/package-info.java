/** JMH benchmarks of the kernels: {@code zkprover bench jmh}. */
package dev.zkwasm.bench.jmh;

/** The compute backend that runs on the processor, in plain Java. */
package dev.zkwasm.compute.cpu;

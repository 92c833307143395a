/**
 * Will hold the compute backend for an attached FPGA; its RTL, simulation and board files go
 * beside.
 *
 * <p>There is nothing here yet: no design, no backend, and none is registered.
 */
package dev.zkwasm.fpga;

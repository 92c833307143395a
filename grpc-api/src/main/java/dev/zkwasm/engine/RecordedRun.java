package dev.zkwasm.engine;

/**
 * What a trace file holds.
 *
 * @param run the replayed run
 * @param context what a proof of it is bound to, 32 bytes
 */
public record RecordedRun(Run run, byte[] context) {}

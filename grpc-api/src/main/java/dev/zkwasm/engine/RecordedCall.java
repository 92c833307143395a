package dev.zkwasm.engine;

import dev.zkwasm.exec.Outcome;
import dev.zkwasm.isa.Call;

/**
 * What a trace file holds, after its replay; the steps themselves are not kept. To prove it,
 * execute the call again.
 *
 * @param guest the module in the file
 * @param call the call, with its private input
 * @param context what a proof of it is bound to, 32 bytes
 * @param outcome how the run ended
 */
public record RecordedCall(Guest guest, Call call, byte[] context, Outcome outcome) {}

package dev.zkwasm.engine;

import dev.zkwasm.proof.Statement;

/**
 * What a proof file says.
 *
 * @param statement the statement
 * @param extensionId keccak256 of the module, 32 bytes. After verification that of the module
 *     verified against; before, what the file claims
 * @param srsId the reference string, 32 bytes
 * @param insecureSrs whether that is the development one, whose secret is public
 * @param proofBytes size of the proof proper
 */
public record StatedProof(
    Statement statement, byte[] extensionId, byte[] srsId, boolean insecureSrs, int proofBytes) {}

package dev.zkwasm.engine;

/**
 * What an engine proves with.
 *
 * @param backend the device in words
 * @param srsId id of the reference string, 32 bytes
 * @param insecureSrs whether that is the development one, whose secret is public
 * @param srsLogSize log2 of the largest table height that the reference string allows
 * @param keyDigest digest of the universal verification key, 32 bytes
 * @param loweringVersion version of the lowering
 * @param proofVersion version of the proof format
 */
public record EngineInfo(
    String backend,
    byte[] srsId,
    boolean insecureSrs,
    int srsLogSize,
    byte[] keyDigest,
    int loweringVersion,
    int proofVersion) {}

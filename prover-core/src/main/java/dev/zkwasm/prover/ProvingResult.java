package dev.zkwasm.prover;

import dev.zkwasm.proof.Instance;
import dev.zkwasm.proof.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A finished proof.
 *
 * @param statement what it shows
 * @param proof the encoded proof; it has been verified
 * @param instances the tables and their heights, public with the proof
 * @param times the time of each stage; they add up to the whole
 */
@SuppressWarnings("ArrayRecordComponent")
public record ProvingResult(
    Statement statement, byte[] proof, List<Instance> instances, Map<Stage, Duration> times) {
  public ProvingResult {
    instances = List.copyOf(instances);
    times = Map.copyOf(times);
  }
}

package dev.zkwasm.server;

import java.math.BigInteger;

/**
 * What proving costs, in the smallest unit of the node's currency.
 *
 * @param base of every job
 * @param perMillionSteps of 10^6 steps, and of a part of them in proportion, rounded up
 */
public record Fees(long base, long perMillionSteps) {
  private static final BigInteger MILLION = BigInteger.valueOf(1_000_000);
  private static final BigInteger MAX = BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  public static final Fees NONE = new Fees(0, 0);

  /**
   * The fee of a run; all numbers unsigned. What does not fit 64 bits is the largest that does:
   * more than anybody pays.
   */
  long of(long steps) {
    BigInteger[] parts =
        unsigned(steps).multiply(unsigned(perMillionSteps)).divideAndRemainder(MILLION);
    BigInteger proportional = parts[1].signum() == 0 ? parts[0] : parts[0].add(BigInteger.ONE);
    return unsigned(base).add(proportional).min(MAX).longValue();
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }
}

package dev.zkwasm.isa;

/**
 * A cell whose initial value is not zero.
 *
 * @param space its space
 * @param address its address in that space, below 2^32
 * @param value its initial value, 64 bits
 */
public record ImageCell(Space space, long address, long value) {
  public long key() {
    return space.key(address);
  }
}

package dev.zkwasm.spectest;

/**
 * What is proven must be WebAssembly. A sample of the calls is checked against the tables too:
 * every 1000th, or as {@code -Dspectest.audit=N} says.
 */
class LoweredSpecTest extends SpecTest {
  LoweredSpecTest() {
    super(new LoweredEngine(Integer.getInteger("spectest.audit", 1000)));
  }
}

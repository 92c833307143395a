package dev.zkwasm.spectest;

/** What is proven must be WebAssembly. */
class LoweredSpecTest extends SpecTest {
  LoweredSpecTest() {
    super(new LoweredEngine());
  }
}

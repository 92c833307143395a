package dev.zkwasm.spectest;

/** Chicory's interpreter as oracle: a deviation that is not known points to the runner. */
class ChicorySpecTest extends SpecTest {
  ChicorySpecTest() {
    super(new ChicoryEngine());
  }
}

package dev.zkwasm.table;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** All attacks of {@link AttackTest} once more: each is proven, and its proof is refused. */
@Tag("long")
class ProvenAttackTest extends AttackTest {
  private static int before;

  @BeforeAll
  static void watch() {
    before = Attack.made();
    Attack.watch(Court::refuses);
  }

  @AfterAll
  static void report() {
    Attack.watch(null);
    System.out.println(
        "assurance: " + (Attack.made() - before) + " attacks proven, all proofs refused");
    Court.agree();
  }
}

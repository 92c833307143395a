package dev.zkwasm.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.zkwasm.air.Air;
import dev.zkwasm.air.Column;
import dev.zkwasm.air.Constraint;
import dev.zkwasm.air.DegreeAlgebra;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The written constraint system is the one that is proven. */
class ConstraintTextTest {
  private static final Path FILE = Path.of("..", "docs", "spec", "constraints.txt");

  @Test
  void fileIsCurrent() throws IOException {
    String text = ConstraintText.of(TableSet.STANDARD);
    if (Boolean.getBoolean("constraints.rewrite")) {
      Files.writeString(FILE, text, StandardCharsets.US_ASCII);
    }
    assertEquals(
        text,
        Files.readString(FILE, StandardCharsets.US_ASCII),
        "docs/spec/constraints.txt is not what the tables declare. A change of it changes the"
            + " verification key: if it is meant, run this test with -Dconstraints.rewrite=true and"
            + " release a new format version");
  }

  /** What a row of each table costs. */
  @Test
  void inventory() {
    System.out.printf(
        "%-9s %-11s %6s %6s %7s %12s %7s%n",
        "table", "role", "main", "others", "helpers", "interactions", "degree");
    int main = 0;
    int helpers = 0;
    for (Air air : TableSet.STANDARD.airs()) {
      int columns = air.table().columns(Column.Kind.MAIN).size();
      int degree = 0;
      for (Constraint constraint : air.constraints()) {
        int of = constraint.expr().in(new DegreeAlgebra()) + constraint.selector().degree();
        assertTrue(of <= Air.MAX_DEGREE, constraint.label());
        degree = Math.max(degree, of);
      }
      System.out.printf(
          "%-9s %-11s %6d %6d %7d %12d %7d%n",
          air.table(),
          air.table().role(),
          columns,
          air.table().columns().size() - columns,
          air.helpers(),
          air.interactions().size(),
          degree);
      main += columns;
      helpers += air.helpers();
    }
    System.out.printf("%d main and %d helper columns%n", main, helpers);
  }
}

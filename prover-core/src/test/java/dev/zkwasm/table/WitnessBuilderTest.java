package dev.zkwasm.table;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Honest runs satisfy every constraint and balance every bus. */
class WitnessBuilderTest {
  @TestFactory
  Stream<DynamicTest> honestRunsHold() {
    return Programs.all().entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> WitnessBuilder.build(TableSet.STANDARD, e.getValue()).check()));
  }
}

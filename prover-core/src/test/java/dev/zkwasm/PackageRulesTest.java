package dev.zkwasm;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the directions between the packages of this module. What is trusted (the verifier and what
 * it stands on) stays small and readable on its own because it can never reach the prover.
 */
class PackageRulesTest {

  /**
   * For each package, the packages of this module that it must not reach, sub-packages included.
   */
  private static final Map<String, List<String>> FORBIDDEN = new LinkedHashMap<>();

  static {
    List<String> machine =
        List.of("air", "bus", "isa", "table", "keys", "prover", "verifier", "proof", "evm");
    FORBIDDEN.put("field", plus(machine, "curve", "poly", "compute", "kzg", "transcript"));
    FORBIDDEN.put("curve", plus(machine, "poly", "compute", "kzg", "transcript"));
    FORBIDDEN.put("poly", plus(machine, "curve", "compute", "kzg", "transcript"));
    FORBIDDEN.put("transcript", plus(machine, "poly", "compute", "kzg"));
    FORBIDDEN.put("compute", plus(machine, "kzg", "transcript"));
    FORBIDDEN.put("kzg", machine);
    FORBIDDEN.put("isa", List.of("air", "bus", "table", "prover", "verifier", "proof", "compute"));
    FORBIDDEN.put("air", List.of("table", "prover", "verifier", "compute", "evm"));
    FORBIDDEN.put("bus", List.of("table", "prover", "verifier", "compute", "evm"));
    FORBIDDEN.put("table", List.of("prover", "verifier", "compute", "evm"));
    FORBIDDEN.put("proof", List.of("table", "keys", "prover", "verifier", "compute", "kzg", "evm"));
    FORBIDDEN.put("keys", List.of("prover", "verifier", "compute", "kzg", "evm"));
    FORBIDDEN.put("verifier", List.of("prover", "compute", "evm"));
  }

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(location -> !location.contains("/test-classes/"))
          .importPackages("dev.zkwasm");

  private static List<String> plus(List<String> some, String... more) {
    return Stream.concat(some.stream(), Stream.of(more)).toList();
  }

  private static ArchRule rule(String from, List<String> forbidden) {
    return noClasses()
        .that()
        .resideInAPackage("dev.zkwasm." + from + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            forbidden.stream().map(p -> "dev.zkwasm." + p + "..").toArray(String[]::new))
        // A package without classes yet breaks no rule.
        .allowEmptyShould(true);
  }

  @TestFactory
  Stream<DynamicTest> packagesReachOnlyDownwards() {
    return FORBIDDEN.entrySet().stream()
        .map(e -> dynamicTest(e.getKey(), () -> rule(e.getKey(), e.getValue()).check(CLASSES)));
  }

  /** The rule itself can fail: a class known to use the package that it is forbidden is caught. */
  @Test
  void ruleCatchesAViolation() {
    JavaClasses self = new ClassFileImporter().importClasses(PackageRulesTest.class);
    ArchRule rule =
        noClasses()
            .that()
            .resideInAPackage("dev.zkwasm..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("com.tngtech.archunit..");
    assertThrows(AssertionError.class, () -> rule.check(self));
  }
}

package dev.zkwasm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Holds the directions between modules on the compiled classes. Maven checks what a module
 * declares; this checks what the code uses, and that no package is split between two modules.
 */
class ModuleRulesTest {

  /** Each module and the modules whose classes it may use. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "prover-core", Set.of(),
          "trace-generator", Set.of("prover-core"),
          "gpu-kernels", Set.of("prover-core"),
          "fpga-bitstreams", Set.of("prover-core"),
          // gpu-kernels and fpga-bitstreams are found at run time only.
          "grpc-api", Set.of("prover-core", "trace-generator"));

  private static final Map<String, JavaClasses> MODULES = importModules();

  private static Map<String, JavaClasses> importModules() {
    Map<String, JavaClasses> modules = new TreeMap<>();
    for (String module : ALLOWED.keySet()) {
      modules.put(
          module,
          // Folders of classes or jars, whichever the build put on the class path.
          new ClassFileImporter()
              .withImportOption(location -> location.contains("/" + module + "/target/"))
              .withImportOption(location -> !location.contains("/test-classes/"))
              .importPackages("dev.zkwasm"));
    }
    return modules;
  }

  private static Optional<String> moduleOf(JavaClass type) {
    JavaClass base = type.getBaseComponentType();
    return MODULES.entrySet().stream()
        .filter(e -> e.getValue().contain(base.getName()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  @TestFactory
  Stream<DynamicTest> modulesUseOnlyWhatTheyMay() {
    return MODULES.entrySet().stream()
        .map(
            e ->
                dynamicTest(
                    e.getKey(),
                    () -> assertEquals(Set.of(), forbiddenUses(e.getKey(), e.getValue()))));
  }

  private static Set<String> forbiddenUses(String module, JavaClasses classes) {
    Set<String> allowed = ALLOWED.getOrDefault(module, Set.of());
    Set<String> uses = new TreeSet<>();
    for (JavaClass type : classes) {
      type.getDirectDependenciesFromSelf()
          .forEach(
              dependency ->
                  moduleOf(dependency.getTargetClass())
                      .filter(m -> !m.equals(module) && !allowed.contains(m))
                      .ifPresent(m -> uses.add(dependency.getDescription())));
    }
    return uses;
  }

  @TestFactory
  Stream<DynamicTest> noPackageIsSplit() {
    Map<String, Set<String>> homes = new TreeMap<>();
    MODULES.forEach(
        (module, classes) ->
            classes.forEach(
                type ->
                    homes
                        .computeIfAbsent(type.getPackageName(), p -> new TreeSet<>())
                        .add(module)));
    return homes.entrySet().stream()
        .map(e -> dynamicTest(e.getKey(), () -> assertEquals(1, e.getValue().size(), e::toString)));
  }
}

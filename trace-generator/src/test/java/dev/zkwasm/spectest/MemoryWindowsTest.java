package dev.zkwasm.spectest;

import static dev.zkwasm.wasm.ModuleBuilder.code;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.ValueType;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.ModuleBuilder.Code;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two linked instances with a memory each: A may grow to two pages, B has as many to begin with.
 * Every fifth call is checked against the tables too.
 */
class MemoryWindowsTest {
  private static final int AUDIT_EVERY = 5;
  private static final int PAGE = 1 << 16;
  private static final int FIRST_LOAD = 0x28;
  private static final int FIRST_STORE = 0x36;
  private static final int LAST_STORE = 0x3e;

  private Engine.Instance a;
  private Engine.Instance b;

  @BeforeEach
  void link() {
    Engine.Store store = new LoweredEngine(AUDIT_EVERY).newStore();
    ModuleBuilder first = new ModuleBuilder().memory(1, 2).data(PAGE - 1, new byte[] {0x0a});
    a = store.instantiate(withMemoryInstructions(first));
    store.register("A", a);
    ModuleBuilder second = new ModuleBuilder().memoryEntry(0, 2).data(PAGE - 1, new byte[] {0x0b});
    second.importFunction("A", "size", second.type(List.of(), List.of(ValueType.I32)));
    b = store.instantiate(withMemoryInstructions(second));
  }

  /** Exports a function for each memory instruction; loads and stores by their opcode. */
  private static byte[] withMemoryInstructions(ModuleBuilder module) {
    List<ValueType> none = List.of();
    ValueType i32 = ValueType.I32;
    for (int opcode = FIRST_LOAD; opcode < FIRST_STORE; opcode++) {
      List<ValueType> result = List.of(accessed(opcode));
      module.exported(
          name(opcode), List.of(i32), result, none, code().get(0).raw(opcode, 0).u32(1));
      module.exported(
          "far " + name(opcode),
          List.of(i32),
          result,
          none,
          code().get(0).raw(opcode, 0).u32(0xffffffffL));
    }
    for (int opcode = FIRST_STORE; opcode <= LAST_STORE; opcode++) {
      module.exported(
          name(opcode),
          List.of(i32, accessed(opcode)),
          none,
          none,
          code().get(0).get(1).raw(opcode, 0).u32(1));
    }
    module.exported("size", none, List.of(i32), none, code().raw(0x3f, 0));
    module.exported("grow", List.of(i32), List.of(i32), none, code().get(0).raw(0x40, 0));
    Code operands = code().get(0).get(1).get(2);
    List<ValueType> three = List.of(i32, i32, i32);
    // The passive segment comes after the active one.
    module.passiveData(new byte[] {1, 2, 3, 4});
    module.exported("init", three, none, none, code().append(operands).raw(0xfc, 8, 1, 0));
    module.exported("copy", three, none, none, code().append(operands).raw(0xfc, 10, 0, 0));
    module.exported("fill", three, none, none, code().append(operands).raw(0xfc, 11, 0));
    return module.build();
  }

  private static String name(int opcode) {
    return Integer.toHexString(opcode);
  }

  private static ValueType accessed(int opcode) {
    return switch (opcode) {
      case 0x28, 0x2c, 0x2d, 0x2e, 0x2f, 0x36, 0x3a, 0x3b -> ValueType.I32;
      case 0x2a, 0x38 -> ValueType.F32;
      case 0x2b, 0x39 -> ValueType.F64;
      default -> ValueType.I64;
    };
  }

  private static int size(int opcode) {
    return switch (opcode) {
      case 0x2c, 0x2d, 0x30, 0x31, 0x3a, 0x3c -> 1;
      case 0x2e, 0x2f, 0x32, 0x33, 0x3b, 0x3d -> 2;
      case 0x29, 0x2b, 0x37, 0x39 -> 8;
      default -> 4;
    };
  }

  private static SpecValue value(ValueType type, long bits) {
    return new SpecValue(SpecValue.Type.valueOf(type.name()), bits);
  }

  private static List<SpecValue> invoke(Engine.Instance instance, String export, int... operands) {
    return instance.invoke(
        export, IntStream.of(operands).mapToObj(v -> value(ValueType.I32, v)).toList());
  }

  /** An access; the operands of loads and stores have the static offset 1. */
  private static List<SpecValue> access(Engine.Instance instance, int opcode, int address) {
    SpecValue first = value(ValueType.I32, address - 1);
    return instance.invoke(
        name(opcode),
        opcode < FIRST_STORE
            ? List.of(first)
            : List.of(first, value(accessed(opcode), 0x1122334455667788L)));
  }

  private static long u8(Engine.Instance instance, int address) {
    return access(instance, 0x2d, address).getFirst().bits();
  }

  private static void assertOutOfBounds(Runnable call) {
    EngineException e = assertThrows(EngineException.class, call::run);
    assertEquals(EngineException.Kind.TRAP, e.kind());
    assertEquals(TrapReason.MEMORY_OUT_OF_BOUNDS.text(), e.text());
  }

  @Test
  void anAccessBeyondAMemoryTrapsThoughTheModuleHasOneMoreBehind() {
    for (int opcode = FIRST_LOAD; opcode <= LAST_STORE; opcode++) {
      int op = opcode;
      var unused = access(a, op, PAGE - size(op));
      assertOutOfBounds(() -> access(a, op, PAGE - size(op) + 1));
      unused = access(b, op, 2 * PAGE - size(op));
      assertOutOfBounds(() -> access(b, op, 2 * PAGE - size(op) + 1));
    }
    // The sum of address and offset does not wrap.
    for (int opcode = FIRST_LOAD; opcode < FIRST_STORE; opcode++) {
      String far = "far " + name(opcode);
      assertOutOfBounds(() -> invoke(a, far, 1));
      assertOutOfBounds(() -> invoke(b, far, -1));
    }
  }

  @Test
  void memoriesAreApart() {
    assertEquals(List.of(0x0aL, 0x0bL), List.of(u8(a, PAGE - 1), u8(b, PAGE - 1)));
    for (int opcode = FIRST_STORE; opcode <= LAST_STORE; opcode++) {
      int address = 16 * (opcode - FIRST_STORE + 1);
      var unused = access(a, opcode, address);
      assertEquals(0x88, u8(a, address));
      assertEquals(0, u8(b, address));
    }
    var unused = invoke(b, "fill", 0, 0x55, 8);
    assertEquals(0x55, u8(b, 7));
    unused = invoke(b, "copy", 2 * PAGE - 8, 0, 8);
    assertEquals(0x55, u8(b, 2 * PAGE - 1));
    unused = invoke(b, "init", 6, 1, 3);
    assertEquals(List.of(2L, 4L), List.of(u8(b, 6), u8(b, 8)));
    assertEquals(0, u8(a, 7));
  }

  @Test
  void bulkInstructionsTrapBeyondAMemoryAndDoNothing() {
    for (int[] operands : new int[][] {{PAGE - 3, 0, 4}, {PAGE + 1, 0, 0}, {1, 0, -1}}) {
      for (String bulk : List.of("fill", "copy", "init")) {
        assertOutOfBounds(() -> invoke(a, bulk, operands));
      }
      assertOutOfBounds(
          () -> invoke(a, "copy", operands[1], operands[0], operands[2])); // from there
    }
    assertEquals(0x0a, u8(a, PAGE - 1));
    assertOutOfBounds(() -> invoke(a, "init", 0, 1, 4)); // of the segment
    for (String bulk : List.of("fill", "copy", "init")) {
      assertEquals(List.of(), invoke(a, bulk, PAGE, 0, 0));
    }
  }

  @Test
  void eachMemoryGrowsToItsMaximum() {
    assertEquals(
        List.of(1L, -1L & 0xffffffffL, 1L, 2L, -1L & 0xffffffffL, 2L),
        Arrays.stream(new int[] {0, 2, 1, 0, 1, 0})
            .mapToObj(delta -> invoke(a, "grow", delta).getFirst().bits())
            .toList());
    assertEquals(0xffffffffL, invoke(a, "grow", -1).getFirst().bits());
    assertEquals(2, invoke(a, "size").getFirst().bits());
    assertEquals(0, u8(a, 2 * PAGE - 1));
    assertOutOfBounds(() -> u8(a, 2 * PAGE));
    // B has no maximum, but ends with its window.
    assertEquals(2, invoke(b, "grow", MemoryWindows.PAGES - 2).getFirst().bits());
    assertEquals(0xffffffffL, invoke(b, "grow", 1).getFirst().bits());
    assertEquals(MemoryWindows.PAGES, invoke(b, "size").getFirst().bits());
    assertEquals(2, invoke(a, "size").getFirst().bits());
  }

  @Test
  void importsSeeTheSizeOfTheirMemory() {
    Engine.Store store = new LoweredEngine(AUDIT_EVERY).newStore();
    Engine.Instance user =
        store.instantiate(
            withMemoryInstructions(importsMemory(1).data(PAGE - 1, new byte[] {0x0a})));
    store.register("user", user);
    ModuleBuilder other = new ModuleBuilder().memory(1, 1).data(PAGE - 1, new byte[] {0x0b});
    other.importFunction("user", "size", other.type(List.of(), List.of(ValueType.I32)));
    Engine.Instance own = store.instantiate(withMemoryInstructions(other));

    assertEquals(List.of(0x0aL, 0x0bL), List.of(u8(user, PAGE - 1), u8(own, PAGE - 1)));
    byte[] two = importsMemory(2).data(2 * PAGE - 1, new byte[] {0x0c}).build();
    EngineException e = assertThrows(EngineException.class, () -> store.instantiate(two));
    assertEquals(EngineException.Kind.UNLINKABLE, e.kind());
    assertEquals(1, invoke(user, "grow", 1).getFirst().bits());
    var unused = store.instantiate(two);
    assertEquals(0x0c, u8(user, 2 * PAGE - 1));
    byte[] beyond = importsMemory(2).data(2 * PAGE, new byte[] {0x0d}).build();
    assertOutOfBounds(() -> store.instantiate(beyond));
    assertEquals(1, invoke(own, "size").getFirst().bits());
  }

  @Test
  void aMemoryThatIsTooLargeForAWindowIsUnsupported() {
    Engine.Store store = new LoweredEngine(AUDIT_EVERY).newStore();
    Engine.Instance large =
        store.instantiate(
            withMemoryInstructions(new ModuleBuilder().memoryEntry(0, 1).data(0, new byte[] {1})));
    store.register("large", large);
    assertEquals(1, invoke(large, "grow", MemoryWindows.PAGES).getFirst().bits());
    ModuleBuilder other = new ModuleBuilder().memory(1, 1);
    other.importFunction("large", "size", other.type(List.of(), List.of(ValueType.I32)));
    EngineException e = assertThrows(EngineException.class, () -> store.instantiate(other.build()));
    assertEquals(EngineException.Kind.UNSUPPORTED, e.kind());
  }

  /** Imports the memory of {@code spectest}, of so many pages at least. */
  private static ModuleBuilder importsMemory(int minimum) {
    return new ModuleBuilder().importOther("spectest", "memory", 2, 1, minimum, 2);
  }
}

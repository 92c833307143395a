package dev.zkwasm.spectest;

import dev.zkwasm.spectest.EngineException.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The memories of linked instances in disjoint windows of the one memory that a module may have.
 * The size of each memory, in pages, is a global; functions that are added to the module check
 * accesses against it. What is out of the bounds of a memory traps like what is out of the bounds
 * of the module's. A memory that would outgrow its window fails to grow, as WebAssembly allows.
 */
final class MemoryWindows {
  /** Pages of a window: 256 MiB. */
  static final int PAGES = 1 << 12;

  private static final int I32 = 0x7f;
  private static final int I64 = 0x7e;
  private static final int F32 = 0x7d;
  private static final int F64 = 0x7c;

  /** The functions of each window, in this order. */
  private enum Helper {
    /** Address, static offset and size of an access; the address in the module's memory. */
    LOCATE(List.of(I32, I32, I32), List.of(I32)),

    /** The same beneath a value: address, value, static offset and size; address and value. */
    LOCATE_I32(List.of(I32, I32, I32, I32), List.of(I32, I32)),
    LOCATE_I64(List.of(I32, I64, I32, I32), List.of(I32, I64)),
    LOCATE_F32(List.of(I32, F32, I32, I32), List.of(I32, F32)),
    LOCATE_F64(List.of(I32, F64, I32, I32), List.of(I32, F64)),

    /** Destination, anything and size, with the destination in the module's memory. */
    DESTINATION(List.of(I32, I32, I32), List.of(I32, I32, I32)),

    /** Destination, source and size, with both in the module's memory. */
    DESTINATION_AND_SOURCE(List.of(I32, I32, I32), List.of(I32, I32, I32)),

    GROW(List.of(I32), List.of(I32));

    private final byte[] type;

    Helper(List<Integer> parameters, List<Integer> results) {
      BinaryWriter out = new BinaryWriter().u8(0x60).u32(parameters.size());
      parameters.forEach(out::u8);
      out.u32(results.size());
      results.forEach(out::u8);
      this.type = out.bytes();
    }
  }

  private final int firstFunction;
  private final int firstGlobal;
  private final Map<LinkedInstance, Window> windows = new HashMap<>();

  /** In the order of their positions. */
  private final List<Window> ordered = new ArrayList<>();

  /**
   * The windows of these instances; none if there are less than two memories.
   *
   * @param firstFunction index of the first function that is added to the module
   * @param firstGlobal index of the first global that is added to the module
   */
  MemoryWindows(List<LinkedInstance> instances, int firstFunction, int firstGlobal) {
    this.firstFunction = firstFunction;
    this.firstGlobal = firstGlobal;
    List<LinkedInstance> owners =
        instances.stream().filter(i -> !i.parts().memories.isEmpty()).toList();
    if (owners.size() < 2) {
      return;
    }
    if (owners.size() > 65536 / PAGES) {
      throw new EngineException(Kind.UNSUPPORTED, "linked modules with too many memories");
    }
    for (LinkedInstance owner : owners) {
      Window window = new Window(ordered.size(), owner.parts().memories.getFirst());
      windows.put(owner, window);
      ordered.add(window);
    }
  }

  /** The window of the memory that an instance uses; null if the memory stays as it is. */
  @Nullable Window of(LinkedInstance instance) {
    return windows.get(instance.definition(ModuleParts.MEMORY, 0).instance());
  }

  /** True if the memories are in windows. */
  boolean inUse() {
    return !ordered.isEmpty();
  }

  /** The module's memory: an entry of the section. */
  byte[] memory() {
    int pages = ordered.size() * PAGES;
    return new BinaryWriter().u8(1).u32(pages).u32(pages).bytes();
  }

  /** The sizes of the memories: entries of the section of globals. */
  List<byte[]> globals() {
    return ordered.stream()
        .map(w -> new BinaryWriter().u8(I32).u8(1).u8(0x41).signed(w.minimum).u8(0x0b).bytes())
        .toList();
  }

  /** The types of the functions that are added to the module, in their order. */
  List<byte[]> types() {
    List<byte[]> types = new ArrayList<>();
    for (int i = 0; i < ordered.size(); i++) {
      for (Helper helper : Helper.values()) {
        types.add(helper.type);
      }
    }
    return types;
  }

  /** The bodies of the functions that are added to the module, without their sizes. */
  List<byte[]> bodies() {
    List<byte[]> bodies = new ArrayList<>();
    for (Window window : ordered) {
      for (Helper helper : Helper.values()) {
        bodies.add(window.body(helper));
      }
    }
    return bodies;
  }

  /** One memory. */
  final class Window {
    private final int position;
    private final int minimum;
    private final int maximum;

    private Window(int position, byte[] memory) {
      BinaryReader limits = new BinaryReader(memory, 0);
      boolean bounded = limits.u8() == 1;
      this.position = position;
      this.minimum = limits.u32();
      this.maximum = bounded ? Math.min(limits.u32(), PAGES) : PAGES;
      if (minimum > PAGES) {
        throw new EngineException(Kind.UNSUPPORTED, "linked modules, one with a large memory");
      }
    }

    /** Index of the global that holds the size. */
    int sizeGlobal() {
      return firstGlobal + position;
    }

    /** Address in the module's memory of the first byte. */
    int base() {
      return (position * PAGES) << 16;
    }

    /** Writes {@code memory.size}. */
    void size(BinaryWriter out) {
      out.u8(0x23).u32(sizeGlobal());
    }

    /** Writes {@code memory.grow}. */
    void grow(BinaryWriter out) {
      call(out, Helper.GROW);
    }

    /** Writes a load or store; alignment and offset are the operands of the original. */
    void access(BinaryWriter out, int opcode, int alignment, int offset) {
      out.u8(0x41).signed(offset).u8(0x41).signed(accessSize(opcode));
      call(
          out,
          switch (opcode) {
            case 0x36, 0x3a, 0x3b -> Helper.LOCATE_I32;
            case 0x37, 0x3c, 0x3d, 0x3e -> Helper.LOCATE_I64;
            case 0x38 -> Helper.LOCATE_F32;
            case 0x39 -> Helper.LOCATE_F64;
            default -> Helper.LOCATE;
          });
      out.u8(opcode).u32(alignment).u32(0);
    }

    /** Writes what must stand before {@code memory.fill} and {@code memory.init}. */
    void beforeFillOrInit(BinaryWriter out) {
      call(out, Helper.DESTINATION);
    }

    /** Writes what must stand before {@code memory.copy}. */
    void beforeCopy(BinaryWriter out) {
      call(out, Helper.DESTINATION_AND_SOURCE);
    }

    private void call(BinaryWriter out, Helper helper) {
      out.u8(0x10).u32(firstFunction + position * Helper.values().length + helper.ordinal());
    }

    private byte[] body(Helper helper) {
      return switch (helper) {
        case LOCATE -> locate();
        case LOCATE_I32, LOCATE_I64, LOCATE_F32, LOCATE_F64 -> {
          BinaryWriter out = new BinaryWriter().u32(0);
          local(local(local(out, 0), 2), 3);
          call(out, Helper.LOCATE);
          yield local(out, 1).u8(0x0b).bytes();
        }
        case DESTINATION -> {
          BinaryWriter out = new BinaryWriter().u32(0);
          locateRange(out, 0);
          yield local(local(out, 1), 2).u8(0x0b).bytes();
        }
        case DESTINATION_AND_SOURCE -> {
          BinaryWriter out = new BinaryWriter().u32(0);
          locateRange(out, 0);
          locateRange(out, 1);
          yield local(out, 2).u8(0x0b).bytes();
        }
        case GROW -> growBody();
      };
    }

    /** The range that starts at one of the parameters and is as large as parameter 2 says. */
    private void locateRange(BinaryWriter out, int start) {
      local(out, start).u8(0x41).signed(0);
      call(local(out, 2), Helper.LOCATE);
    }

    /** Sums of unsigned 32-bit numbers, in 64 bits, so that none wraps. */
    private byte[] locate() {
      BinaryWriter out = new BinaryWriter().u32(1).u32(1).u8(I64); // local 3: address + offset
      local(out, 0).u8(0xad); // i64.extend_i32_u
      local(out, 1).u8(0xad).u8(0x7c).u8(0x22).u32(3); // i64.add, local.tee
      local(out, 2).u8(0xad).u8(0x7c);
      size(out);
      out.u8(0xad).u8(0x42).signed(16).u8(0x86); // i64.shl
      out.u8(0x56).u8(0x04).u8(0x40); // i64.gt_u, if
      // Nothing is at the last address but one byte: i32.load of it always traps.
      out.u8(0x41).signed(-1).u8(0x28).u32(0).u32(0).u8(0x1a);
      out.u8(0x0b);
      local(out, 3).u8(0xa7); // i32.wrap_i64
      return out.u8(0x41).signed(base()).u8(0x6a).u8(0x0b).bytes(); // i32.add
    }

    private byte[] growBody() {
      BinaryWriter out = new BinaryWriter().u32(1).u32(1).u8(I32); // local 1: the size before
      size(out);
      out.u8(0x22).u32(1).u8(0xad); // local.tee, i64.extend_i32_u
      local(out, 0).u8(0xad).u8(0x7c); // i64.add
      out.u8(0x42).signed(maximum).u8(0x56); // i64.gt_u
      out.u8(0x04).u8(I32).u8(0x41).signed(-1).u8(0x05); // if, else
      local(local(out, 1), 0).u8(0x6a).u8(0x24).u32(sizeGlobal()); // i32.add, global.set
      return local(out, 1).u8(0x0b).u8(0x0b).bytes();
    }
  }

  private static BinaryWriter local(BinaryWriter out, int index) {
    return out.u8(0x20).u32(index);
  }

  /** Bytes that a load or store accesses. */
  private static int accessSize(int opcode) {
    return switch (opcode) {
      case 0x2c, 0x2d, 0x30, 0x31, 0x3a, 0x3c -> 1;
      case 0x2e, 0x2f, 0x32, 0x33, 0x3b, 0x3d -> 2;
      case 0x28, 0x2a, 0x34, 0x35, 0x36, 0x38, 0x3e -> 4;
      case 0x29, 0x2b, 0x37, 0x39 -> 8;
      default -> throw new IllegalArgumentException("no access: " + opcode);
    };
  }
}

package dev.zkwasm.testing;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The sections of a valid module but custom ones, to change and write again. */
public final class ModuleSections {
  private static final int EXPORT = 7;
  private static final int START = 8;
  private static final int DATA_COUNT = 12;
  private static final int HEADER = 8;

  private final byte[] header = new byte[HEADER];
  private final Map<Integer, byte[]> sections = new TreeMap<>();

  public ModuleSections(byte[] module) {
    System.arraycopy(module, 0, header, 0, HEADER);
    Leb reader = new Leb(module, HEADER);
    while (reader.at < module.length) {
      int id = module[reader.at++];
      int size = reader.u32();
      byte[] content = new byte[size];
      System.arraycopy(module, reader.at, content, 0, size);
      reader.at += size;
      if (id != 0) {
        sections.put(id, content);
      }
    }
  }

  /**
   * Removes the start function and exports it under a name that is not taken; nothing is done if
   * there is none.
   */
  public boolean exportStart(String name) {
    byte[] start = sections.remove(START);
    if (start == null) {
      return false;
    }
    byte[] exports = sections.getOrDefault(EXPORT, new byte[] {0});
    Leb reader = new Leb(exports, 0);
    int count = reader.u32();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    write(out, count + 1);
    out.write(exports, reader.at, exports.length - reader.at);
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    write(out, text.length);
    out.writeBytes(text);
    out.write(0); // kind: function
    out.writeBytes(start); // its index
    sections.put(EXPORT, out.toByteArray());
    return true;
  }

  public byte @Nullable [] section(int id) {
    return sections.get(id);
  }

  public byte[] toModule() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header);
    sections.forEach(
        (id, content) -> {
          // Data count stands before the code.
          if (id == 10) {
            write(out, DATA_COUNT, sections.get(DATA_COUNT));
          }
          if (id != DATA_COUNT) {
            write(out, id, content);
          }
        });
    return out.toByteArray();
  }

  private static void write(ByteArrayOutputStream out, int id, byte @Nullable [] content) {
    if (content != null) {
      out.write(id);
      write(out, content.length);
      out.writeBytes(content);
    }
  }

  private static void write(ByteArrayOutputStream out, int value) {
    for (; value >>> 7 != 0; value >>>= 7) {
      out.write(value & 0x7f | 0x80);
    }
    out.write(value);
  }

  private static final class Leb {
    private final byte[] bytes;
    private int at;

    Leb(byte[] bytes, int at) {
      this.bytes = bytes;
      this.at = at;
    }

    int u32() {
      int value = 0;
      int shift = 0;
      byte next;
      do {
        next = bytes[at++];
        value |= (next & 0x7f) << shift;
        shift += 7;
      } while (next < 0);
      return value;
    }
  }
}

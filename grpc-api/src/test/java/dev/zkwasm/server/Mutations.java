package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Makes messages hostile. */
final class Mutations {
  private static final List<Long> NUMBERS =
      List.of(
          0L,
          1L,
          -1L,
          (long) Integer.MAX_VALUE,
          (long) Integer.MIN_VALUE,
          1L << 32,
          Long.MAX_VALUE,
          Long.MIN_VALUE,
          253_402_300_800L);

  private static final List<String> TEXTS =
      List.of(
          "",
          "x",
          "-1",
          "j1",
          "e1",
          "p1",
          "j0",
          "p9223372036854775807",
          "j99999999999999999999",
          "p٣",
          "\0",
          "one\ntwo\r\nthree",
          "%n%s%d{0}{}",
          "'; DROP TABLE job; --",
          "../../../../etc/passwd",
          "\u202etxet",
          "\ud83d\udca3",
          "00000000-0000-0000-0000-000000000000",
          "y".repeat(300),
          "z".repeat(70_000));

  private static final int[] LENGTHS = {0, 1, 19, 20, 21, 31, 32, 33, 64, 5000, 100_000};

  private Mutations() {}

  private static <T> T any(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  /** A message with one to three fields, anywhere in it, cleared, repeated, or set to extremes. */
  static Message altered(Message message, Random random) {
    Message.Builder builder = message.toBuilder();
    for (int i = random.nextInt(3); i >= 0; i--) {
      alter(builder, random, 0);
    }
    return builder.build();
  }

  private static void alter(Message.Builder builder, Random random, int depth) {
    List<FieldDescriptor> fields = builder.getDescriptorForType().getFields();
    if (fields.isEmpty()) {
      builder.setUnknownFields(
          UnknownFieldSet.newBuilder()
              .addField(77, UnknownFieldSet.Field.newBuilder().addVarint(random.nextLong()).build())
              .build());
      return;
    }
    FieldDescriptor field = any(random, fields);
    if (random.nextInt(5) == 0) {
      builder.clearField(field);
    } else if (field.isRepeated()) {
      int times = any(random, List.of(1, 2, 101, 300));
      for (int i = 0; i < times; i++) {
        builder.addRepeatedField(field, value(builder, field, random, depth));
      }
    } else {
      builder.setField(field, value(builder, field, random, depth));
    }
  }

  private static Object value(
      Message.Builder builder, FieldDescriptor field, Random random, int depth) {
    return switch (field.getJavaType()) {
      case INT -> any(random, NUMBERS).intValue();
      case LONG -> random.nextInt(4) == 0 ? random.nextLong() : any(random, NUMBERS);
      case FLOAT -> Float.NaN;
      case DOUBLE -> Double.NaN;
      case BOOLEAN -> random.nextBoolean();
      case STRING -> any(random, TEXTS);
      case BYTE_STRING -> {
        byte[] bytes = new byte[LENGTHS[random.nextInt(LENGTHS.length)]];
        random.nextBytes(bytes);
        yield ByteString.copyFrom(bytes);
      }
      case ENUM -> {
        EnumDescriptor type = field.getEnumType();
        yield random.nextBoolean()
            ? any(random, type.getValues())
            : type.findValueByNumberCreatingIfUnknown(any(random, NUMBERS).intValue());
      }
      case MESSAGE -> {
        Message.Builder inner =
            field.isRepeated()
                ? builder.newBuilderForField(field)
                : ((Message) builder.getField(field)).toBuilder();
        if (depth < 5) {
          alter(inner, random, depth + 1);
        }
        yield inner.build();
      }
    };
  }

  /** Some bytes changed, removed or put in. */
  static byte[] altered(byte[] message, Random random) {
    List<Byte> bytes = new ArrayList<>();
    for (byte each : message) {
      bytes.add(each);
    }
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.size() + 1);
      byte value = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
      switch (random.nextInt(3)) {
        case 0 -> bytes.add(at, value);
        case 1 -> {
          if (at < bytes.size()) {
            bytes.remove(at);
          }
        }
        default -> {
          if (at < bytes.size()) {
            bytes.set(at, value);
          }
        }
      }
    }
    byte[] altered = new byte[bytes.size()];
    for (int i = 0; i < altered.length; i++) {
      altered[i] = bytes.get(i);
    }
    return altered;
  }

  /** A text field, where the message has one, with bytes that are no UTF-8. */
  static byte[] notUtf8(Message message, Random random) {
    List<FieldDescriptor> texts =
        message.getDescriptorForType().getFields().stream()
            .filter(field -> field.getType() == FieldDescriptor.Type.STRING)
            .toList();
    List<FieldDescriptor> messages =
        message.getDescriptorForType().getFields().stream()
            .filter(field -> field.getType() == FieldDescriptor.Type.MESSAGE)
            .toList();
    byte[] bad = {(byte) 0xc3, 0x28, (byte) 0xff};
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(message.toByteArray());
    if (!texts.isEmpty()) {
      lengthDelimited(out, any(random, texts).getNumber(), bad);
    } else if (!messages.isEmpty()) {
      FieldDescriptor field = any(random, messages);
      ByteArrayOutputStream inner = new ByteArrayOutputStream();
      field.getMessageType().getFields().stream()
          .filter(each -> each.getType() == FieldDescriptor.Type.STRING)
          .forEach(each -> lengthDelimited(inner, each.getNumber(), bad));
      lengthDelimited(out, field.getNumber(), inner.toByteArray());
    }
    return out.toByteArray();
  }

  private static void lengthDelimited(ByteArrayOutputStream out, int field, byte[] bytes) {
    varint(out, (long) field << 3 | 2);
    varint(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    while (rest >>> 7 != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** Fields that nobody knows, of every wire type. */
  static byte[] withUnknownFields(byte[] message, Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(message);
    for (int i = 0; i < 1 + random.nextInt(50); i++) {
      int field = 1000 + random.nextInt(100_000);
      switch (random.nextInt(4)) {
        case 0 -> {
          varint(out, (long) field << 3);
          varint(out, random.nextLong());
        }
        case 1 -> {
          varint(out, (long) field << 3 | 1);
          out.writeBytes(new byte[8]);
        }
        case 2 -> lengthDelimited(out, field, new byte[random.nextInt(100)]);
        default -> {
          varint(out, (long) field << 3 | 5);
          out.writeBytes(new byte[4]);
        }
      }
    }
    return out.toByteArray();
  }

  /** Groups in groups: what a parser without a limit dies of. */
  static byte[] nested(byte[] message, int depth) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(message);
    for (int i = 0; i < depth; i++) {
      varint(out, 1000L << 3 | 3);
    }
    for (int i = 0; i < depth; i++) {
      varint(out, 1000L << 3 | 4);
    }
    return out.toByteArray();
  }

  /** The message, well formed, with an unknown field that makes it larger than a limit. */
  static byte[] oversize(byte[] message, int limit) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(message);
    lengthDelimited(out, 1000, new byte[limit]);
    return out.toByteArray();
  }

  /** Parts left out, repeated, in another order. */
  static void reorder(List<byte[]> parts, Random random) {
    switch (random.nextInt(4)) {
      case 0 -> Collections.shuffle(parts, random);
      case 1 -> parts.remove(random.nextInt(parts.size()));
      case 2 -> parts.add(random.nextInt(parts.size() + 1), any(random, parts));
      default -> {
        parts.add(any(random, parts));
        Collections.reverse(parts);
      }
    }
  }

  static String badToken(String good, Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> "";
      case 1 -> good.substring(0, good.length() - 2);
      case 2 -> good + "A";
      case 3 -> "x.".repeat(2000) + "y";
      case 4 -> good.substring(good.indexOf('.'));
      default -> "eyJhbGciOiJub25lIn0." + good.substring(good.indexOf('.') + 1);
    };
  }
}

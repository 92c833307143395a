package dev.zkwasm.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * The carry chains of {@code field.cuh} as the device runs them: their PTX is read from the source
 * and executed here, instruction by instruction, against big integers. On the host the library of
 * the other tests has C++ in their place.
 */
class CarryChainTest {
  private static final Path SOURCE = Path.of("src/main/cuda/field.cuh");
  private static final int ROUNDS = 3000;
  private static final long MASK = 0xffffffffL;

  private final Random random = new Random(3);

  /**
   * An asm statement.
   *
   * @param code its instructions
   * @param outputs the C expressions of operands that it writes
   * @param operands the C expressions of all operands, in order
   */
  private record Block(String code, List<String> outputs, List<String> operands) {
    private static final Pattern FUNCTION =
        Pattern.compile(
            "DEVICE \\w+ (\\w+)\\([^)]*\\) \\{\\s*(?:uint32_t \\w+;\\s*)?asm\\((.*?)\\);\\s*"
                + "(?:return \\w+;\\s*)?\\}",
            Pattern.DOTALL);
    private static final Pattern OPERAND =
        Pattern.compile("\"([=+&]*)r\"\\(([a-z]+(?:\\[\\d\\])?)\\)");

    /** All of the file, by the names of their functions. */
    static Map<String, Block> all() throws IOException {
      Map<String, Block> blocks = new HashMap<>();
      Matcher function = FUNCTION.matcher(Files.readString(SOURCE));
      while (function.find()) {
        String[] sections = function.group(2).split("\n\\s*: ", -1);
        assertEquals(3, sections.length, function.group(1));
        StringBuilder code = new StringBuilder();
        Matcher quoted = Pattern.compile("\"([^\"]*)\"").matcher(sections[0]);
        while (quoted.find()) {
          code.append(quoted.group(1));
        }
        List<String> outputs = new ArrayList<>();
        List<String> operands = new ArrayList<>();
        for (int section = 1; section < 3; section++) {
          Matcher operand = OPERAND.matcher(sections[section]);
          while (operand.find()) {
            operands.add(operand.group(2));
            if (section == 1) {
              outputs.add(operand.group(2));
              assertTrue(operand.group(1).endsWith("&"), "written early: " + operand.group());
            } else {
              assertEquals("", operand.group(1));
            }
          }
        }
        blocks.put(function.group(1), new Block(code.toString(), outputs, operands));
      }
      return blocks;
    }

    /** That of a function. */
    static Block of(String function) throws IOException {
      return Objects.requireNonNull(all().get(function), function);
    }

    /** Runs it on the values of C expressions, which it changes. */
    void run(Map<String, Long> values) {
      long[] registers = new long[operands.size()];
      for (int i = 0; i < registers.length; i++) {
        // What is only written begins as anything.
        registers[i] = values.getOrDefault(operands.get(i), 0xdeadbeefL);
      }
      int carry = 0;
      boolean carryKnown = false;
      for (String instruction : code.split(";", -1)) {
        if (instruction.isBlank()) {
          continue;
        }
        String[] words = instruction.strip().split("[ ,]+", -1);
        long[] x = new long[words.length - 2];
        for (int i = 0; i < x.length; i++) {
          String word = words[i + 2];
          x[i] =
              word.startsWith("%")
                  ? registers[Integer.parseInt(word.substring(1))]
                  : Long.parseLong(word);
        }
        String name = words[0].replaceFirst("\\.cc\\.u32$|\\.u32$", "");
        boolean in = name.matches("addc|subc|madc.*");
        assertFalse(in && !carryKnown, "a carry from before the block: " + instruction);
        int c = in ? carry : 0;
        // The exact sum; its bits from 32 on are the carry, or the borrow.
        long sum =
            switch (name) {
              case "add", "addc" -> x[0] + x[1] + c;
              case "sub", "subc" -> x[0] - x[1] - c;
              case "mad.lo", "madc.lo" -> ((x[0] * x[1]) & MASK) + x[2] + c;
              case "mad.hi", "madc.hi" -> ((x[0] * x[1]) >>> 32) + x[2] + c;
              default -> throw new AssertionError("not an instruction: " + instruction);
            };
        if (words[0].contains(".cc")) {
          carry = (int) (sum >>> 32 & 1);
          carryKnown = true;
        }
        registers[Integer.parseInt(words[1].substring(1))] = sum & MASK;
      }
      for (int i = 0; i < outputs.size(); i++) {
        values.put(outputs.get(i), registers[i]);
      }
    }
  }

  private long limb() {
    return switch (random.nextInt(4)) {
      case 0 -> 0;
      case 1 -> MASK;
      default -> random.nextLong() & MASK;
    };
  }

  private Map<String, Long> values(String... arrays) {
    Map<String, Long> values = new HashMap<>();
    for (String array : arrays) {
      for (int i = 0; i < 8; i++) {
        values.put(array + "[" + i + "]", limb());
      }
    }
    for (String scalar : List.of("b", "k", "low")) {
      values.put(scalar, limb());
    }
    return values;
  }

  private static BigInteger get(Map<String, Long> values, String name) {
    return BigInteger.valueOf(Objects.requireNonNull(values.get(name), name));
  }

  /** Limbs of an array, {@code step} apart in it and in the number. */
  private static BigInteger number(Map<String, Long> values, String array, int step) {
    BigInteger number = BigInteger.ZERO;
    for (int i = 0; i < 8; i += step) {
      number = number.add(get(values, array + "[" + i + "]").shiftLeft(32 * i));
    }
    return number;
  }

  private static final BigInteger TWO_256 = BigInteger.ONE.shiftLeft(256);

  @Test
  void thesePartsAreThere() throws IOException {
    assertEquals(
        Set.of("add_limbs", "sub_limbs", "mad_row", "mad_row_closed", "mad_row_after_add"),
        Block.all().keySet());
  }

  @Test
  void sumsAndDifferences() throws IOException {
    Block add = Block.of("add_limbs");
    Block sub = Block.of("sub_limbs");
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, Long> v = values("a", "b");
      BigInteger a = number(v, "a", 1);
      BigInteger b = number(v, "b", 1);
      add.run(v);
      assertEquals(a.add(b), number(v, "r", 1).add(get(v, "carry").multiply(TWO_256)));
      sub.run(v);
      assertEquals(a.subtract(b).mod(TWO_256), number(v, "r", 1));
      assertEquals(a.compareTo(b) < 0 ? MASK : 0, get(v, "borrow").longValueExact());
    }
  }

  @Test
  void rowsOfProducts() throws IOException {
    Block row = Block.of("mad_row");
    Block closed = Block.of("mad_row_closed");
    Block afterAdd = Block.of("mad_row_after_add");
    int closedRounds = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Map<String, Long> v = values("acc", "a");
      BigInteger product = number(v, "a", 2).multiply(get(v, "b"));
      BigInteger expected = number(v, "acc", 1).add(product);
      Map<String, Long> with = new HashMap<>(v);
      row.run(with);
      assertEquals(
          expected, number(with, "acc", 1).add(get(with, "carry").multiply(TWO_256)), "row");
      if (expected.compareTo(TWO_256) < 0) {
        Map<String, Long> without = new HashMap<>(v);
        closed.run(without);
        assertEquals(expected, number(without, "acc", 1), "closed");
        closedRounds++;
      }
      BigInteger sum = get(v, "low").add(get(v, "k"));
      BigInteger after = expected.add(sum.shiftRight(32));
      if (after.compareTo(TWO_256) < 0) {
        afterAdd.run(v);
        assertEquals(after, number(v, "acc", 1), "after add");
        assertEquals(sum.longValue() & MASK, get(v, "low").longValueExact());
      }
    }
    assertTrue(closedRounds > ROUNDS / 4, closedRounds + " rounds without a carry");
  }
}

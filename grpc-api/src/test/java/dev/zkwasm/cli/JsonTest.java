package dev.zkwasm.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.gson.JsonParser;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JsonTest {
  @Test
  void writes() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("text", "a \"quote\" \\ \n \u0001 é \ud83d\ude00");
    json.put("list", List.of(1, 2L, true, 0.25, Map.of()));
    String written = Json.write(json);
    assertEquals(
        "{\"text\": \"a \\\"quote\\\" \\\\ \\n"
            + " \\u0001 é \\ud83d\\ude00\", \"list\": [1, 2, true, 0.250000, {}]}",
        written);
    // Another reader agrees.
    assertEquals(
        json.get("text"),
        JsonParser.parseString(written).getAsJsonObject().get("text").getAsString());
  }

  @Test
  void smallNumbersKeepSixDigits() {
    assertEquals("0.00000000672345", Json.write(6.72345e-9));
    assertEquals("-0.0123457", Json.write(-0.01234567));
    assertEquals("12.345679", Json.write(12.3456789));
    assertEquals("0.000000", Json.write(0.0));
  }

  @Test
  void refusesWhatJsonHasNot() {
    assertThrows(IllegalArgumentException.class, () -> Json.write(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Json.write(new Object()));
  }
}

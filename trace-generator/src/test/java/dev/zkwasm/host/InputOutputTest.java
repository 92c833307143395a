package dev.zkwasm.host;

import static dev.zkwasm.isa.ValueType.I32;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.zkwasm.exec.Executor;
import dev.zkwasm.exec.Limits;
import dev.zkwasm.exec.Progress;
import dev.zkwasm.isa.Call;
import dev.zkwasm.isa.ExecutionTrace;
import dev.zkwasm.isa.Exit;
import dev.zkwasm.isa.Program;
import dev.zkwasm.isa.TrapReason;
import dev.zkwasm.isa.Value;
import dev.zkwasm.lower.Lowering;
import dev.zkwasm.table.TableSet;
import dev.zkwasm.table.WitnessBuilder;
import dev.zkwasm.wasm.ModuleBuilder;
import dev.zkwasm.wasm.WasmOpcode;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The host interface: inputs at every offset and length, output, exit, and their traps. */
class InputOutputTest {
  private static final Program PROGRAM = Lowering.lower(module()).program();

  private static byte[] module() {
    ModuleBuilder builder = new ModuleBuilder();
    int length = builder.type(List.of(), List.of(I32));
    int three = builder.type(List.of(I32, I32, I32), List.of());
    int two = builder.type(List.of(I32, I32), List.of());
    int one = builder.type(List.of(I32), List.of());
    int inputLen = builder.importFunction("zkwasm", "input_len", length);
    int inputRead = builder.importFunction("zkwasm", "input_read", three);
    int privateLen = builder.importFunction("zkwasm", "private_len", length);
    int privateRead = builder.importFunction("zkwasm", "private_read", three);
    int outputWrite = builder.importFunction("zkwasm", "output_write", two);
    int exit = builder.importFunction("zkwasm", "exit", one);
    builder.memory(1, 1);
    builder.export("exit", exit).export("write", outputWrite);
    builder.exported(
        "lengths",
        List.of(),
        List.of(I32, I32),
        List.of(),
        ModuleBuilder.code().op(WasmOpcode.CALL, inputLen).op(WasmOpcode.CALL, privateLen));
    // Fills the memory around with 0xaa, reads to 1000 + pad, and writes that with 4 bytes on each
    // side.
    for (boolean secret : new boolean[] {false, true}) {
      builder.exported(
          secret ? "private" : "public",
          List.of(I32, I32, I32),
          List.of(),
          List.of(),
          ModuleBuilder.code()
              .i32(900)
              .i32(0xaa)
              .i32(300)
              .op(WasmOpcode.MEMORY_FILL, 0)
              .get(0)
              .get(1)
              .get(2)
              .op(WasmOpcode.CALL, secret ? privateRead : inputRead)
              .get(0)
              .i32(4)
              .op(WasmOpcode.I32_SUB)
              .get(2)
              .i32(8)
              .op(WasmOpcode.I32_ADD)
              .op(WasmOpcode.CALL, outputWrite));
    }
    return builder.build();
  }

  private static ExecutionTrace run(
      String export, byte[] publicInput, byte[] privateInput, int... arguments) {
    List<Value> values =
        Arrays.stream(arguments).mapToObj(a -> new Value(I32, a & 0xffffffffL)).toList();
    return Executor.execute(
        PROGRAM,
        new Call(export, values, publicInput, privateInput),
        Limits.DEFAULT,
        Progress.NONE);
  }

  private static byte[] input(int length) {
    byte[] input = new byte[length];
    for (int i = 0; i < length; i++) {
      input[i] = (byte) (i * 11 + 3);
    }
    return input;
  }

  @Test
  void readsEveryPartOfAnInput() {
    for (int size : new int[] {0, 1, 7, 8, 9, 16, 35}) {
      byte[] input = input(size);
      for (int offset = 0; offset <= size; offset++) {
        for (int length = 0; offset + length <= size; length++) {
          byte[] expected = new byte[length + 8];
          Arrays.fill(expected, (byte) 0xaa);
          System.arraycopy(input, offset, expected, 4, length);
          int pointer = 1000 + (offset + length) % 8;
          ExecutionTrace trace = run("public", input, new byte[0], pointer, offset, length);
          assertEquals(Exit.returned(), trace.exit());
          assertArrayEquals(expected, trace.output(), size + " " + offset + " " + length);
          assertArrayEquals(
              expected, run("private", new byte[3], input, pointer, offset, length).output());
        }
      }
    }
  }

  @Test
  void readsPastTheEndTrap() {
    byte[] input = input(20);
    for (int[] bad : new int[][] {{0, 21}, {20, 1}, {21, 0}, {-1, 1}, {1, -1}, {13, 8}}) {
      ExecutionTrace trace = run("public", input, new byte[0], 1000, bad[0], bad[1]);
      assertEquals(
          Exit.trapped(TrapReason.INPUT_OUT_OF_BOUNDS), trace.exit(), Arrays.toString(bad));
      assertEquals(0, trace.output().length);
    }
    ExecutionTrace trace = run("public", input, new byte[0], 65530, 0, 7);
    assertEquals(Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS), trace.exit());
  }

  @Test
  void lengthsAreThoseOfTheInputs() {
    ExecutionTrace trace = run("lengths", input(20), input(3));
    assertEquals(List.of(new Value(I32, 20), new Value(I32, 3)), trace.results());
    WitnessBuilder.build(TableSet.STANDARD, trace).check();
  }

  @Test
  void writesBeyondTheMemoryAppendNothing() {
    ExecutionTrace trace = run("write", new byte[0], new byte[0], 65500, 37);
    assertEquals(Exit.trapped(TrapReason.MEMORY_OUT_OF_BOUNDS), trace.exit());
    assertEquals(0, trace.output().length);
    assertEquals(36, run("write", new byte[0], new byte[0], 65500, 36).output().length);
  }

  @Test
  void exitEndsTheRunWithItsCode() {
    assertEquals(Exit.exited(7), run("exit", new byte[0], new byte[0], 7).exit());
    assertEquals(Exit.exited(-1), run("exit", new byte[0], new byte[0], -1).exit());
  }

  @Test
  void theTablesAcceptReadsAndWrites() {
    for (int offset = 0; offset < 3; offset++) {
      WitnessBuilder.build(
              TableSet.STANDARD, run("private", new byte[5], input(40), 1003, offset, 29))
          .check();
    }
  }
}

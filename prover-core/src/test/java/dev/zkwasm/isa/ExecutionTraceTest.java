package dev.zkwasm.isa;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class ExecutionTraceTest {
  private static final Program PROGRAM =
      new Program(new byte[32], 0, List.of(), List.of(), List.of(), 0, List.of());
  private static final Call CALL = new Call("run", List.of(), new byte[0], new byte[0]);

  private static void set(TraceBlock block, int i, int step) {
    block.set(i, step, step + 1, step + 2, step + 3L, -step, 5L << 32 | step);
  }

  /** Three blocks, filled record by record or handed over. */
  @Test
  void recordsComeBack() {
    int steps = 2 * TraceBlock.CAPACITY + 3;
    ExecutionTrace added = new ExecutionTrace(PROGRAM, CALL);
    ExecutionTrace appended = new ExecutionTrace(PROGRAM, CALL);
    TraceBlock block = new TraceBlock();
    for (int i = 0; i < steps; i++) {
      added.add(i, i + 1, i + 2, i + 3L, -i, 5L << 32 | i);
      set(block, i % TraceBlock.CAPACITY, i);
      if ((i + 1) % TraceBlock.CAPACITY == 0 || i + 1 == steps) {
        block.resize(i % TraceBlock.CAPACITY + 1);
        appended.append(block);
        block = new TraceBlock();
      }
    }
    for (ExecutionTrace trace : List.of(added, appended)) {
      assertEquals(steps, trace.steps());
      for (int i = 0; i < steps; i++) {
        assertEquals(i, trace.pc(i));
        assertEquals(i + 1, trace.fp(i));
        assertEquals(i + 2, trace.pages(i));
        assertEquals(i + 3, trace.a(i));
        assertEquals(-i, trace.b(i));
        assertEquals(5L << 32 | i, trace.result(i));
      }
    }
  }

  @Test
  void blocksFollowFullOnesOnly() {
    ExecutionTrace trace = new ExecutionTrace(PROGRAM, CALL);
    trace.append(new TraceBlock());
    assertEquals(0, trace.steps());
    TraceBlock block = new TraceBlock();
    block.resize(1);
    trace.append(block);
    assertThrows(IllegalStateException.class, () -> trace.append(new TraceBlock()));
    assertThrows(IllegalArgumentException.class, () -> block.resize(TraceBlock.CAPACITY + 1));
  }
}

package dev.zkwasm.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CallRatesTest {
  private long now;
  private final CallRates rates = new CallRates(10, 5, () -> now);

  private Status.Code refused(String name) {
    return assertThrows(StatusRuntimeException.class, () -> rates.take(name)).getStatus().getCode();
  }

  @Test
  void aBucketHoldsTwoSecondsWorth() {
    for (int i = 0; i < 20; i++) {
      rates.take("a");
    }
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused("a"));
    rates.take("b");
    now += TimeUnit.MILLISECONDS.toNanos(500);
    for (int i = 0; i < 5; i++) {
      rates.take("a");
    }
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, refused("a"));
  }

  @Test
  void wrongRequestsBlockForAWhile() {
    for (int i = 0; i < 5; i++) {
      rates.bad("a");
    }
    rates.take("a");
    rates.bad("a");
    assertEquals(Status.Code.PERMISSION_DENIED, refused("a"));
    assertEquals(1, rates.blocked());
    rates.take("b");
    now += TimeUnit.MINUTES.toNanos(6);
    rates.take("a");
    assertEquals(0, rates.blocked());
    // Now and then a wrong one blocks nobody.
    for (int i = 0; i < 100; i++) {
      rates.bad("a");
      now += TimeUnit.SECONDS.toNanos(13);
    }
    rates.take("a");
  }
}

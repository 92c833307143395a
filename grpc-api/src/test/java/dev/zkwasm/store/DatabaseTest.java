package dev.zkwasm.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Writes that share transactions: each is on the disk when it is acknowledged, or not at all. */
@Timeout(60)
class DatabaseTest {
  private static final int WRITES = 200;

  @TempDir private Path folder = Path.of("");

  private static int put(Database database, int number) {
    return database.write(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO block (number, hash) VALUES (?, x'00')")) {
            insert.setInt(1, number);
            insert.executeUpdate();
          }
          if (number % 7 == 3) {
            throw new StoreFullException("no room for " + number);
          }
          if (number % 7 == 5) {
            throw new SQLException("no luck with " + number);
          }
          return number;
        });
  }

  private static Set<Integer> numbers(Database database) {
    return database.read(
        connection -> {
          Set<Integer> numbers = new TreeSet<>();
          try (PreparedStatement select =
                  connection.prepareStatement("SELECT number FROM block WHERE number > 0");
              ResultSet rows = select.executeQuery()) {
            while (rows.next()) {
              numbers.add(rows.getInt(1));
            }
          }
          return numbers;
        });
  }

  @Test
  void onlyWhoIsAtFaultFails() throws Exception {
    Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
    Database database = Database.open(folder.resolve("db"));
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // Holds up the first transaction until all others wait.
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch all = new CountDownLatch(1);
      Future<Boolean> first =
          threads.submit(
              () ->
                  database.write(
                      connection -> {
                        begun.countDown();
                        try {
                          all.await();
                        } catch (InterruptedException e) {
                          throw new IllegalStateException(e);
                        }
                        return true;
                      }));
      begun.await();
      List<Future<?>> writes =
          IntStream.rangeClosed(1, WRITES)
              .<Future<?>>mapToObj(
                  number ->
                      threads.submit(
                          () -> {
                            try {
                              assertEquals(number, put(database, number));
                              // Seen by others once it is acknowledged.
                              assertTrue(numbers(database).contains(number));
                              acknowledged.add(number);
                            } catch (StoreFullException e) {
                              assertEquals("no room for " + number, e.getMessage());
                            } catch (StoreException e) {
                              assertEquals(
                                  "the store cannot be written: no luck with " + number,
                                  e.getMessage());
                            }
                          }))
              .toList();
      while (database.waiting() < WRITES) {
        Thread.sleep(1);
      }
      all.countDown();
      assertTrue(first.get());
      for (Future<?> write : writes) {
        write.get();
      }
    }
    Set<Integer> expected = new TreeSet<>();
    IntStream.rangeClosed(1, WRITES).filter(n -> n % 7 != 3 && n % 7 != 5).forEach(expected::add);
    assertEquals(expected, new TreeSet<>(acknowledged));
    assertEquals(expected, numbers(database));
    database.close();
    assertThrows(StoreException.class, () -> put(database, WRITES + 1));
    Database again = Database.open(folder.resolve("db"));
    assertEquals(expected, numbers(again));
    again.close();
  }

  /** Who waits is answered, although the store is being closed. */
  @Test
  void closingLetsWritesEnd() throws Exception {
    for (int round = 0; round < 20; round++) {
      Path file = folder.resolve("db" + round);
      Database database = Database.open(file);
      Set<Integer> acknowledged = ConcurrentHashMap.newKeySet();
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        CountDownLatch some = new CountDownLatch(5);
        for (int i = 1; i <= 20; i++) {
          int number = i;
          threads.submit(
              () -> {
                try {
                  put(database, 7 * number);
                  acknowledged.add(7 * number);
                } catch (StoreException e) {
                  // Too late.
                } finally {
                  some.countDown();
                }
              });
        }
        some.await();
        database.close();
      }
      assertFalse(acknowledged.isEmpty());
      assertThrows(StoreException.class, () -> put(database, 1));
      Database again = Database.open(file);
      assertEquals(new TreeSet<>(acknowledged), numbers(again));
      again.close();
    }
  }

  /** A store of a later version is refused, and left as it is. */
  @Test
  void refusesTheStoreOfALaterProgram() throws Exception {
    Path file = folder.resolve("later.db");
    Database.open(file).close();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      statement.execute(
          "INSERT INTO flyway_schema_history SELECT installed_rank + 1, '999', 'later', type,"
              + " script, checksum, installed_by, installed_on, execution_time, success FROM"
              + " flyway_schema_history ORDER BY installed_rank DESC LIMIT 1");
    }
    StoreException refused = assertThrows(StoreException.class, () -> Database.open(file));
    assertTrue(
        String.valueOf(refused.getMessage())
            .contains("later.db cannot be brought to this program's version: Validate failed"),
        refused.getMessage());
    Path none = folder.resolve("none.db");
    Files.writeString(none, "this is no database, whatever its name may say ".repeat(100));
    assertThrows(StoreException.class, () -> Database.open(none));
  }
}

package dev.zkwasm.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.zkwasm.proto.v1.Job;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store of version 1 is brought to version 2. */
class JobClientsTest {
  @TempDir private Path folder = Path.of("");

  private static ByteString key(int number) {
    return ByteString.copyFrom(new byte[] {(byte) number});
  }

  private static Job job(int number, String client, Job.State state) {
    return Job.newBuilder().setJobId("job-" + number).setClient(client).setState(state).build();
  }

  /** A store that version 1 has written: three jobs, one of which waits. */
  private Path first() throws SQLException {
    Path file = folder.resolve("node.db");
    String url = "jdbc:sqlite:" + file;
    Flyway.configure()
        .dataSource(url, null, null)
        .locations("classpath:dev/zkwasm/store/sqlite")
        .target("1")
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection(url);
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO job (state, extension_id, size, summary, body, id, work_key,"
                    + " fingerprint, operation_hash, secret) VALUES (?, x'', 1, ?, ?, ?, ?, x'01',"
                    + " x'', '')")) {
      Job[] jobs = {
        job(1, "alice", Job.State.SUCCEEDED),
        job(2, "bob", Job.State.FAILED),
        job(3, "bob", Job.State.QUEUED)
      };
      for (int i = 0; i < jobs.length; i++) {
        insert.setInt(1, jobs[i].getStateValue());
        insert.setBytes(2, jobs[i].toByteArray());
        insert.setBytes(3, jobs[i].toByteArray());
        insert.setString(4, jobs[i].getJobId());
        insert.setBytes(5, key(i).toByteArray());
        insert.executeUpdate();
      }
    }
    return file;
  }

  private static List<String> ids(Page<Job> page) {
    return page.items().stream().map(Job::getJobId).toList();
  }

  @Test
  void jobsOfVersionOneKeepTheirClients() throws SQLException {
    try (Database database = Database.open(first())) {
      JobStore jobs = new JobStore(database, 1 << 20);
      assertEquals(List.of("job-1"), ids(jobs.list(Set.of(), ByteString.EMPTY, "alice", 10, 0)));
      Page<Job> bobs = jobs.list(Set.of(), ByteString.EMPTY, "bob", 1, 0);
      assertEquals(List.of("job-2"), ids(bobs));
      assertEquals(
          List.of("job-3"), ids(jobs.list(Set.of(), ByteString.EMPTY, "bob", 1, bobs.last())));
      assertEquals(
          List.of("job-1", "job-2", "job-3"),
          ids(jobs.list(Set.of(), ByteString.EMPTY, null, 10, 0)));
      // What waited and what was done is found again by its client, and by no other.
      assertEquals("job-3", jobs.find("bob", key(2)).orElseThrow().job().getJobId());
      assertTrue(jobs.find("alice", key(2)).isEmpty());
      assertEquals("job-1", jobs.find("alice", key(0)).orElseThrow().job().getJobId());
      assertTrue(jobs.find("bob", key(1)).isEmpty());
      ByteString fingerprint = key(9);
      assertTrue(jobs.submit(key(0), fingerprint, "", job(4, "bob", Job.State.QUEUED)).added());
      assertEquals(
          "job-1",
          jobs.submit(key(0), fingerprint, "", job(5, "alice", Job.State.QUEUED)).job().getJobId());
    }
  }
}

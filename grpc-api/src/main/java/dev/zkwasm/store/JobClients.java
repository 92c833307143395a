package dev.zkwasm.store;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.zkwasm.proto.v1.Job;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.migration.Context;
import org.flywaydb.core.api.migration.JavaMigration;

/**
 * Version 2 of the schema: jobs have their client in a column, and the same work is the same job
 * for one client only. In Java because the client of a job that is there stands in its message.
 */
final class JobClients implements JavaMigration {
  @Override
  public MigrationVersion getVersion() {
    return MigrationVersion.fromVersion("2");
  }

  @Override
  public String getDescription() {
    return "job clients";
  }

  @Override
  public Integer getChecksum() {
    return 1;
  }

  @Override
  public boolean canExecuteInTransaction() {
    return true;
  }

  @Override
  public void migrate(Context context) throws SQLException, InvalidProtocolBufferException {
    Connection connection = context.getConnection();
    try (Statement statement = connection.createStatement()) {
      statement.execute("ALTER TABLE job ADD COLUMN client TEXT NOT NULL DEFAULT ''");
      try (ResultSet rows = statement.executeQuery("SELECT seq, summary FROM job ORDER BY seq");
          PreparedStatement update =
              connection.prepareStatement("UPDATE job SET client = ? WHERE seq = ?")) {
        while (rows.next()) {
          update.setString(1, Job.parseFrom(rows.getBytes(2)).getClient());
          update.setLong(2, rows.getLong(1));
          update.executeUpdate();
        }
      }
      statement.execute("DROP INDEX job_work");
      statement.execute("CREATE UNIQUE INDEX job_work ON job (client, work_key) WHERE state < 6");
      statement.execute("CREATE INDEX job_client ON job (client, seq)");
    }
  }
}

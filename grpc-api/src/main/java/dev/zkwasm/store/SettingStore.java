package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.Optional;

/** Small facts about the store itself, by name. Thread-safe; each method is atomic and durable. */
public final class SettingStore {
  private final Database database;

  public SettingStore(Database database) {
    this.database = database;
  }

  public Optional<ByteString> get(String name) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT value FROM setting WHERE name = ?")) {
            select.setString(1, name);
            try (ResultSet row = select.executeQuery()) {
              return row.next()
                  ? Optional.of(ByteString.copyFrom(row.getBytes(1)))
                  : Optional.empty();
            }
          }
        });
  }

  public void put(String name, ByteString value) {
    database.write(
        connection -> {
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET"
                      + " value = excluded.value")) {
            insert.setString(1, name);
            insert.setBytes(2, value.toByteArray());
            return insert.executeUpdate();
          }
        });
  }
}

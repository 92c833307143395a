package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.zkwasm.proto.v1.Extension;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Keeps Extensions with their binaries. Thread-safe; each method is atomic and durable. */
public final class ExtensionStore {
  private final Database database;
  private final long maxBytes;

  /**
   * @param maxBytes room for all Extensions together
   */
  public ExtensionStore(Database database, long maxBytes) {
    this.database = database;
    this.maxBytes = maxBytes;
  }

  /**
   * Adds an Extension with its binary, or returns the one that has its id.
   *
   * @return without the binary
   * @throws StoreFullException if there is no room
   */
  public Extension register(Extension extension) {
    return database.write(
        connection -> {
          try (PreparedStatement find =
              connection.prepareStatement("SELECT body FROM extension WHERE id = ?")) {
            find.setBytes(1, extension.getExtensionId().toByteArray());
            try (ResultSet found = find.executeQuery()) {
              if (found.next()) {
                return parse(found.getBytes(1));
              }
            }
          }
          long size = extension.getSerializedSize();
          long taken;
          try (PreparedStatement sum =
                  connection.prepareStatement("SELECT coalesce(sum(size), 0) FROM extension");
              ResultSet result = sum.executeQuery()) {
            taken = result.getLong(1);
          }
          if (taken + size > maxBytes) {
            throw new StoreFullException(
                "no room for an Extension of %d bytes: %d of %d are taken"
                    .formatted(size, taken, maxBytes));
          }
          Extension body = withoutBytecode(extension);
          try (PreparedStatement insert =
              connection.prepareStatement(
                  "INSERT INTO extension (id, size, body, bytecode) VALUES (?, ?, ?, ?)")) {
            insert.setBytes(1, extension.getExtensionId().toByteArray());
            insert.setLong(2, size);
            insert.setBytes(3, body.toByteArray());
            insert.setBytes(4, extension.getBytecode().toByteArray());
            insert.executeUpdate();
          }
          return body;
        });
  }

  /** Replaces what is kept about an Extension; the binary stays. */
  public void update(Extension extension) {
    database.write(
        connection -> {
          try (PreparedStatement update =
              connection.prepareStatement("UPDATE extension SET body = ? WHERE id = ?")) {
            update.setBytes(1, withoutBytecode(extension).toByteArray());
            update.setBytes(2, extension.getExtensionId().toByteArray());
            return update.executeUpdate();
          }
        });
  }

  /**
   * Removes an Extension.
   *
   * @return whether there was one
   */
  public boolean remove(ByteString extensionId) {
    return database.write(
        connection -> {
          try (PreparedStatement delete =
              connection.prepareStatement("DELETE FROM extension WHERE id = ?")) {
            delete.setBytes(1, extensionId.toByteArray());
            return delete.executeUpdate() > 0;
          }
        });
  }

  /** An Extension without its binary. */
  public Optional<Extension> get(ByteString extensionId) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT body FROM extension WHERE id = ?")) {
            select.setBytes(1, extensionId.toByteArray());
            try (ResultSet row = select.executeQuery()) {
              return row.next() ? Optional.of(parse(row.getBytes(1))) : Optional.empty();
            }
          }
        });
  }

  public Optional<byte[]> bytecode(ByteString extensionId) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement("SELECT bytecode FROM extension WHERE id = ?")) {
            select.setBytes(1, extensionId.toByteArray());
            try (ResultSet row = select.executeQuery()) {
              return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
            }
          }
        });
  }

  /**
   * Extensions in order of registration, without their binaries.
   *
   * @param after where the page before ended; 0 for the first
   */
  public Page<Extension> list(int size, long after) {
    return database.read(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT seq, body FROM extension WHERE seq > ? ORDER BY seq LIMIT ?")) {
            select.setLong(1, after);
            select.setLong(2, size + 1L);
            List<Extension> items = new ArrayList<>();
            long last = after;
            try (ResultSet rows = select.executeQuery()) {
              while (rows.next()) {
                if (items.size() == size) {
                  return new Page<>(items, last);
                }
                last = rows.getLong(1);
                items.add(parse(rows.getBytes(2)));
              }
            }
            return new Page<>(items, 0);
          }
        });
  }

  private static Extension withoutBytecode(Extension extension) {
    return extension.toBuilder().clearBytecode().build();
  }

  private static Extension parse(byte[] body) throws SQLException {
    try {
      return Extension.parseFrom(body);
    } catch (InvalidProtocolBufferException e) {
      throw new SQLException("an Extension in the store is damaged", e);
    }
  }
}

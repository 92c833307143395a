package dev.zkwasm.store;

import com.google.protobuf.ByteString;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;

/** The newest blocks that the node was told of. Thread-safe; each method is atomic and durable. */
public final class BlockStore {
  private final Database database;

  public BlockStore(Database database) {
    this.database = database;
  }

  /** A block of the chain that the node serves. */
  public record Block(long number, ByteString hash) {}

  /**
   * Takes a block as the newest one. Blocks at or above its number are of a branch that the chain
   * has left, and are forgotten.
   *
   * @param kept how many blocks are kept
   */
  public void announce(Block block, int kept) {
    database.write(
        connection -> {
          try (PreparedStatement forget =
              connection.prepareStatement("DELETE FROM block WHERE number >= ? OR number <= ?")) {
            forget.setLong(1, block.number());
            forget.setLong(2, block.number() - kept);
            forget.executeUpdate();
          }
          try (PreparedStatement insert =
              connection.prepareStatement("INSERT INTO block (number, hash) VALUES (?, ?)")) {
            insert.setLong(1, block.number());
            insert.setBytes(2, block.hash().toByteArray());
            return insert.executeUpdate();
          }
        });
  }

  /** Blocks kept, newest first. */
  public List<Block> newest() {
    return database.read(
        connection -> {
          try (PreparedStatement select =
                  connection.prepareStatement(
                      "SELECT number, hash FROM block ORDER BY number DESC");
              ResultSet rows = select.executeQuery()) {
            List<Block> blocks = new ArrayList<>();
            while (rows.next()) {
              blocks.add(new Block(rows.getLong(1), ByteString.copyFrom(rows.getBytes(2))));
            }
            return blocks;
          }
        });
  }
}

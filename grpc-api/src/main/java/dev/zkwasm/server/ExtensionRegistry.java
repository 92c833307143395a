package dev.zkwasm.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnsafeByteOperations;
import dev.zkwasm.engine.Engine;
import dev.zkwasm.engine.EngineException;
import dev.zkwasm.engine.EngineInfo;
import dev.zkwasm.engine.Guest;
import dev.zkwasm.isa.Program;
import dev.zkwasm.operation.Encodings;
import dev.zkwasm.proto.v1.Extension;
import dev.zkwasm.proto.v1.RegisterExtensionRequest.Metadata;
import dev.zkwasm.proto.v1.VerifierMetadata;
import dev.zkwasm.store.ExtensionStore;
import dev.zkwasm.store.Page;
import dev.zkwasm.store.SettingStore;
import dev.zkwasm.store.StoreFullException;
import java.nio.ByteBuffer;
import java.time.Clock;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Registers Extensions and keeps the lowered programs of those in use. Thread-safe. */
final class ExtensionRegistry {
  /** Lowered programs kept ready; others are lowered again from the stored binary. */
  private static final int READY = 16;

  private static final Logger LOG = LoggerFactory.getLogger(ExtensionRegistry.class);

  /** The setting that tells what the Extensions in the store were lowered with. */
  private static final String LOWERED_BY = "lowered-by";

  static final String ZK_SYSTEM = "zkwasm-kzg-logup-bn254";

  private final Engine engine;
  private final ExtensionStore store;
  private final Clock clock;
  private final Map<ByteString, Guest> ready =
      new LinkedHashMap<>(READY, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Guest> eldest) {
          return size() > READY;
        }
      };

  ExtensionRegistry(Engine engine, ExtensionStore store, Clock clock) {
    this.engine = engine;
    this.store = store;
    this.clock = clock;
  }

  /**
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if the module or its entry will not do,
   *     FAILED_PRECONDITION if it is registered with another entry, RESOURCE_EXHAUSTED if there is
   *     no room
   */
  Extension register(Metadata metadata, byte[] wasm) {
    ByteString id = ByteString.copyFrom(Encodings.keccak256(wasm));
    if (!metadata.getExtensionId().isEmpty() && !metadata.getExtensionId().equals(id)) {
      throw Errors.invalid(
          "metadata.extension_id", "the bytes hash to " + Messages.hex(id) + ", not to this");
    }
    Extension present = store.get(id).orElse(null);
    if (present == null) {
      Guest guest = engine.load(wasm);
      String entry = entry(guest.program(), metadata.getEntryExport());
      Instant now = clock.instant();
      Extension extension =
          Extension.newBuilder()
              .setDeveloper(metadata.getDeveloper())
              .setExtensionId(id)
              .setBytecodeHash(id)
              .setBytecode(UnsafeByteOperations.unsafeWrap(wasm))
              .setBytecodeSize(wasm.length)
              .setVerifierMetadata(
                  VerifierMetadata.newBuilder()
                      .setMode(VerifierMetadata.Mode.UNIVERSAL)
                      .setZkSystem(ZK_SYSTEM))
              .setMetadataUri(metadata.getMetadataUri())
              .setRegisteredAt(
                  Timestamp.newBuilder().setSeconds(now.getEpochSecond()).setNanos(now.getNano()))
              .setProgramDigest(ByteString.copyFrom(engine.programDigest(guest)))
              .setEntryExport(entry)
              .build();
      try {
        present = store.register(extension);
      } catch (StoreFullException e) {
        throw Errors.exhausted(Errors.message(e));
      }
      remember(id, guest);
    }
    String wanted = metadata.getEntryExport();
    if (!wanted.isEmpty() && !wanted.equals(present.getEntryExport())) {
      throw Errors.failedPrecondition(
          "registered already with the entry "
              + present.getEntryExport()
              + ": it cannot be changed, a PostOp is about that call");
    }
    return present;
  }

  /**
   * The export that Operations call. It must take no parameters: an Operation has no place for
   * arguments, and whoever proves could choose them.
   */
  private static String entry(Program program, String wanted) {
    String name =
        !wanted.isEmpty() ? wanted : program.export("_start").isPresent() ? "_start" : "run";
    Program.Export export =
        program
            .export(name)
            .orElseThrow(
                () ->
                    Errors.invalid(
                        "metadata.entry_export",
                        "the module has no function export "
                            + name
                            + "; it has "
                            + program.exports().stream().map(Program.Export::name).toList()));
    if (!export.parameters().isEmpty()) {
      throw Errors.invalid(
          "metadata.entry_export",
          "the export "
              + name
              + " takes parameters "
              + export.parameters()
              + "; the entry of an Extension takes none and reads its input through the host"
              + " functions");
    }
    return name;
  }

  /**
   * An Extension without its binary.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND
   */
  Extension get(ByteString extensionId) {
    return store
        .get(extensionId)
        .orElseThrow(
            () ->
                Errors.notFound(
                    "no Extension " + Messages.hex(extensionId) + " is registered here"));
  }

  /**
   * An Extension that Operations can call.
   *
   * @throws EngineException of kind UNSUPPORTED if this program cannot run it
   */
  Extension usable(ByteString extensionId) {
    Extension extension = get(extensionId);
    if (!extension.getUnusable().isEmpty()) {
      throw new EngineException(
          EngineException.Kind.UNSUPPORTED,
          "the Extension cannot be used since this node was changed: " + extension.getUnusable());
    }
    return extension;
  }

  /** An Extension with its binary. */
  Extension whole(ByteString extensionId) {
    return get(extensionId).toBuilder()
        .setBytecode(UnsafeByteOperations.unsafeWrap(bytecode(extensionId)))
        .build();
  }

  private byte[] bytecode(ByteString extensionId) {
    return store
        .bytecode(extensionId)
        .orElseThrow(
            () ->
                Errors.notFound(
                    "no Extension " + Messages.hex(extensionId) + " is registered here"));
  }

  Guest guest(Extension extension) {
    ByteString id = extension.getExtensionId();
    synchronized (ready) {
      Guest guest = ready.get(id);
      if (guest != null) {
        return guest;
      }
    }
    Guest guest = engine.load(bytecode(id));
    remember(id, guest);
    return guest;
  }

  private void remember(ByteString id, Guest guest) {
    synchronized (ready) {
      ready.put(id, guest);
    }
  }

  /** Removes an Extension, if there is one. */
  boolean remove(ByteString extensionId) {
    synchronized (ready) {
      ready.remove(extensionId);
    }
    return store.remove(extensionId);
  }

  ExtensionStore store() {
    return store;
  }

  /**
   * Brings what is registered up to this program: where the key or the lowering is not the one that
   * Extensions were registered under, each is lowered again. One that cannot be is kept, and says
   * why it cannot be used. Jobs that wait need nothing: they hold the Operation, and are lowered
   * when they begin.
   */
  void upgrade(SettingStore settings) {
    EngineInfo info = engine.info();
    ByteString now =
        ByteString.copyFrom(info.keyDigest())
            .concat(
                ByteString.copyFrom(
                    ByteBuffer.allocate(Integer.BYTES).putInt(info.loweringVersion()).array()));
    ByteString before = settings.get(LOWERED_BY).orElse(null);
    if (now.equals(before)) {
      return;
    }
    if (before != null) {
      long last = 0;
      do {
        Page<Extension> page = store.list(100, last);
        page.items().forEach(this::upgrade);
        last = page.last();
      } while (last != 0);
    }
    settings.put(LOWERED_BY, now);
  }

  private void upgrade(Extension extension) {
    Extension.Builder upgraded = extension.toBuilder().clearUnusable();
    String id = Messages.hex(extension.getExtensionId());
    try {
      Guest guest = engine.load(bytecode(extension.getExtensionId()));
      upgraded.setProgramDigest(ByteString.copyFrom(engine.programDigest(guest)));
      LOG.info("extension={} lowered again for a new key or lowering", id);
    } catch (EngineException e) {
      upgraded.setUnusable(Errors.message(e));
      LOG.warn("extension={} cannot be used any more: {}", id, e.getMessage());
    }
    store.update(upgraded.build());
  }
}

package dev.zkwasm.spectest;

import java.util.List;

/** What executes the scripts. Every method that can fail throws {@link EngineException}. */
interface Engine {
  String name();

  /** A new store that offers the module {@code spectest} to imports. */
  Store newStore();

  /** Module instances that may share functions, globals, memories and tables. */
  interface Store {
    /** Refuses a module that is malformed or invalid, whatever its imports are. */
    void validate(byte[] module);

    Instance instantiate(byte[] module);

    /** Offers the exports of an instance to later imports from module {@code as}. */
    void register(String as, Instance instance);

    /** Says that the instance that should be registered is missing, because it is unsupported. */
    void registerMissing(String as, String reason);
  }

  /** A module instance. */
  interface Instance {
    List<SpecValue> invoke(String export, List<SpecValue> arguments);

    /** The value of an exported global. */
    SpecValue global(String export);
  }
}

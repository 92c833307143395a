package dev.zkwasm.lower;

import dev.zkwasm.host.Assembler;
import dev.zkwasm.host.Subroutine;
import dev.zkwasm.wasm.Module;
import java.util.Map;
import java.util.TreeMap;

/** The functions of a library that one program uses. */
final class LinkedLibrary {
  private final Library library;

  /** By index, so that their order does not depend on who asked first. */
  private final Map<Integer, Subroutine> used = new TreeMap<>();

  LinkedLibrary(Library library) {
    this.library = library;
  }

  Library library() {
    return library;
  }

  /** The function, which becomes part of the program with all that it calls. */
  Subroutine function(int index) {
    Subroutine known = used.get(index);
    if (known != null) {
      return known;
    }
    Subroutine subroutine = new Subroutine();
    used.put(index, subroutine);
    for (int callee : library.callees(index)) {
      var unused = function(callee);
    }
    return subroutine;
  }

  /** Emits the functions in use. */
  void emit(Lowering lowering, Assembler assembler) {
    for (int index : used.keySet()) {
      Module.Function function = library.module().functions().get(index);
      new FunctionLowering(lowering, this, function, assembler).lower();
    }
  }
}

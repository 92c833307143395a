package dev.zkwasm.server;

import io.grpc.Context;
import java.util.Set;

/**
 * Who makes a call.
 *
 * @param name a token's subject, a certificate's, or an address
 * @param scopes what it may do
 */
record Caller(String name, Set<Scope> scopes) {
  private static final Context.Key<Caller> KEY = Context.key("caller");

  /** What a caller may do. */
  enum Scope {
    SUBMIT,
    VERIFY,
    ADMIN
  }

  Caller {
    scopes = Set.copyOf(scopes);
  }

  /** The one whose call is being answered by this thread. */
  static Caller current() {
    Caller caller = KEY.get();
    if (caller == null) {
      throw new IllegalStateException("no call is being answered");
    }
    return caller;
  }

  Context in(Context context) {
    return context.withValue(KEY, this);
  }

  boolean may(Scope scope) {
    return scopes.contains(scope);
  }
}

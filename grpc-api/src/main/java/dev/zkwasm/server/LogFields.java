package dev.zkwasm.server;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a line of the log is about, beside its message: the id of a job, the reference that a client
 * was given. Of the thread that logs only: threads that it starts, and that may outlive the job, do
 * not inherit them.
 */
public final class LogFields {
  private static final ScopedValue<Map<String, String>> FIELDS = ScopedValue.newInstance();

  private LogFields() {}

  /** Runs something; whatever is logged meanwhile by this thread has the field. */
  public static void with(String name, String value, Runnable work) {
    Map<String, String> fields = new LinkedHashMap<>(current());
    fields.put(name, value);
    ScopedValue.where(FIELDS, fields).run(work);
  }

  /** The fields of this thread now, by name, the first that was set first. */
  public static Map<String, String> current() {
    return FIELDS.isBound() ? FIELDS.get() : Map.of();
  }
}

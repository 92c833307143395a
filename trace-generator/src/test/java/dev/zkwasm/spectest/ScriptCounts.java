package dev.zkwasm.spectest;

/** Numbers of commands of a script, or of several, by outcome. */
record ScriptCounts(int passed, int failed, int unsupported, int notApplicable) {
  static final ScriptCounts NONE = new ScriptCounts(0, 0, 0, 0);

  ScriptCounts plus(ScriptCounts other) {
    return new ScriptCounts(
        passed + other.passed,
        failed + other.failed,
        unsupported + other.unsupported,
        notApplicable + other.notApplicable);
  }

  @Override
  public String toString() {
    return passed
        + " passed, "
        + failed
        + " failed, "
        + unsupported
        + " unsupported, "
        + notApplicable
        + " in the text format";
  }
}

-- The durable state of one node. Messages are kept whole in `body`; the columns beside it are what queries need.

CREATE TABLE extension (
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  id   BLOB NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  -- Without the binary.
  body BLOB NOT NULL,
  bytecode BLOB NOT NULL
);

CREATE TABLE job (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  id             TEXT NOT NULL UNIQUE,
  -- Names the work: see JobStore.
  work_key       BLOB NOT NULL,
  fingerprint    BLOB NOT NULL,
  -- Number of Job.State as of the last durable change: a job that was begun stays QUEUED (1) here until it ends (5 to 8).
  state          INTEGER NOT NULL,
  extension_id   BLOB NOT NULL,
  -- Empty for a trace.
  operation_hash BLOB NOT NULL,
  -- Name of the sealed file with the private input or the trace; empty if there is none.
  secret         TEXT NOT NULL,
  size           INTEGER NOT NULL,
  -- The job without Operation, PostOp, proof and statement.
  summary        BLOB NOT NULL,
  body           BLOB NOT NULL
);

-- The same work has one job that is not FAILED, CANCELLED or EXPIRED.
CREATE UNIQUE INDEX job_work ON job (work_key) WHERE state < 6;
CREATE INDEX job_state ON job (state, seq);
CREATE INDEX job_extension ON job (extension_id, seq);
CREATE INDEX job_operation ON job (operation_hash, seq);

-- Jobs of Operations in the order in which they succeeded. A number is never given twice, whatever is forgotten.
CREATE TABLE post_op (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  job    INTEGER NOT NULL UNIQUE REFERENCES job (seq) ON DELETE CASCADE
);

CREATE TABLE block (
  number INTEGER PRIMARY KEY,
  hash   BLOB NOT NULL
);

-- What the stored Extensions were lowered with.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

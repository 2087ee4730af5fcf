-- The store, version 1: the first step of Migrations.cs. What comes later is a further step there; this file stays as it is.
-- Every row of a run hangs on runs.key, the hash of its experiment. Times are seconds, memory bytes. A figure that was not finite is null.
-- Metrics are stored with their unit and direction, so that a report needs no code of the task that made them.

CREATE TABLE runs (
    key          TEXT PRIMARY KEY,              -- SHA-256 of the canonical JSON of the experiment
    experiment   TEXT NOT NULL,                 -- that JSON
    model        TEXT NOT NULL,                 -- canonical notation
    task         TEXT NOT NULL,                 -- canonical notation
    recipe       TEXT NOT NULL,
    seed         INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('running', 'done', 'diverged', 'failed', 'interrupted')),
    message      TEXT,                          -- why it ended, where it did not end well
    path         TEXT NOT NULL,                 -- what ran it: "eager", "library: nn.LSTM"
    device       TEXT NOT NULL,
    dtype        TEXT NOT NULL,
    threads      INTEGER NOT NULL,
    parameters   INTEGER NOT NULL,              -- of the recurrent part
    parameters_outside INTEGER NOT NULL,        -- of embedding and output layer
    flops        INTEGER NOT NULL,              -- of the recurrent part, a step and batch member, forward
    steps        INTEGER NOT NULL DEFAULT 0,    -- optimiser steps done
    machine      INTEGER NOT NULL REFERENCES machines(id),
    started      TEXT NOT NULL,                 -- ISO 8601, UTC
    ended        TEXT
) STRICT;

CREATE TABLE machines (
    id           INTEGER PRIMARY KEY,
    description  TEXT NOT NULL UNIQUE           -- JSON: CPU, cores, vector width, memory, OS, .NET, libtorch, GPU, program version
) STRICT;

CREATE TABLE tasks (                            -- what the figures of a run's task mean, as it was when the run was made
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    metric       TEXT NOT NULL,
    unit         TEXT NOT NULL,
    lower_is_better INTEGER NOT NULL CHECK (lower_is_better IN (0, 1)),
    deciding     INTEGER NOT NULL CHECK (deciding IN (0, 1)),
    baseline     REAL,                          -- of the deciding figure, null for the others
    solved       REAL,                          -- of the deciding figure, null for the others
    protocol     TEXT NOT NULL,
    PRIMARY KEY (run, metric)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX one_deciding_figure ON tasks(run) WHERE deciding = 1;

CREATE TABLE metrics (
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    epoch        REAL,                          -- null for tasks without epochs
    split        TEXT NOT NULL CHECK (split IN ('train', 'valid', 'test')),
    metric       TEXT NOT NULL,
    value        REAL,
    PRIMARY KEY (run, step, split, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE timings (                          -- sums over the training steps since the row before
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    steps        INTEGER NOT NULL,
    tokens       INTEGER NOT NULL,              -- input steps times batch members
    data         REAL NOT NULL,
    forward      REAL NOT NULL,
    backward     REAL NOT NULL,
    "update"     REAL NOT NULL,
    memory       INTEGER NOT NULL,              -- resident set at that moment
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE gates (
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    layer        TEXT NOT NULL,                 -- the prefix of the scan without its last dot; "" for a single scan
    gate         TEXT NOT NULL,
    mean         REAL,
    deviation    REAL,
    below        REAL,                          -- share of values below 0.1
    above        REAL,                          -- share of values above 0.9
    histogram    TEXT NOT NULL,                 -- JSON array of 50 counts over [0, 1]
    PRIMARY KEY (run, step, layer, gate)
) STRICT, WITHOUT ROWID;

CREATE TABLE gradient_lags (                    -- norm of d loss_T / d state at T-1-lag; mean and quantiles over the probe batch
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    layer        TEXT NOT NULL,
    lag          INTEGER NOT NULL,
    mean         REAL,
    median       REAL,
    low          REAL,                          -- 10 % quantile
    high         REAL,                          -- 90 % quantile
    PRIMARY KEY (run, step, layer, lag)
) STRICT, WITHOUT ROWID;

CREATE TABLE gradient_norms (                   -- global norm before clipping, over the training steps since the row before
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    mean         REAL,
    max          REAL,
    clipped      REAL,                          -- share of steps that were clipped
    PRIMARY KEY (run, step)
) STRICT, WITHOUT ROWID;

CREATE TABLE provenance (                       -- the data that a run saw
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    name         TEXT NOT NULL,
    sha256       TEXT NOT NULL,                 -- or "generated"
    PRIMARY KEY (run, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE studies (
    id           INTEGER PRIMARY KEY,
    name         TEXT NOT NULL,
    definition   TEXT NOT NULL,                 -- the study file as it was read
    command      TEXT NOT NULL,                 -- the command line that ran it
    started      TEXT NOT NULL
) STRICT;

CREATE TABLE study_runs (
    study        INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    PRIMARY KEY (study, run)
) STRICT, WITHOUT ROWID;

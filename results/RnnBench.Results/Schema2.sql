-- Version 2: what a study is made of, and two more looks at gates.

ALTER TABLE gates ADD COLUMN units TEXT;        -- JSON: the shares of each unit's values below 0.1, then those above 0.9; null where they were not recorded

CREATE TABLE gate_fixes (                       -- the trained network with a gate fixed to a number, evaluated on test
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,
    gate         TEXT NOT NULL,                 -- in all layers
    fixed        TEXT NOT NULL,                 -- none, 0, 1 or mean: what it was fixed to
    value        REAL,                          -- that number; null for none
    metric       TEXT NOT NULL,
    result       REAL,
    PRIMARY KEY (run, step, gate, fixed, metric)
) STRICT, WITHOUT ROWID;

CREATE TABLE study_entries (                    -- what each run of a study is for
    study        INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
    arm          TEXT NOT NULL,                 -- the model as the study writes it
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    part         TEXT NOT NULL CHECK (part IN ('final', 'trial')),
    trial        INTEGER,                       -- which draw of the search, from 1; null in a study without a search
    rung         INTEGER,                       -- which round of successive halving, from 0; null for final runs
    settings     TEXT NOT NULL,                 -- what was drawn, JSON
    score        REAL,                          -- the deciding figure on valid, for trials
    chosen       INTEGER NOT NULL CHECK (chosen IN (0, 1)),     -- whether a trial's draw was taken
    PRIMARY KEY (study, arm, run)
) STRICT, WITHOUT ROWID;

CREATE TABLE claims (                           -- the claims that a study tests
    study        INTEGER NOT NULL REFERENCES studies(id) ON DELETE CASCADE,
    place        INTEGER NOT NULL,
    id           TEXT NOT NULL,
    statement    TEXT NOT NULL,
    source       TEXT NOT NULL,
    rule         TEXT NOT NULL,                 -- JSON: a list of tests, each an object of words and numbers
    PRIMARY KEY (study, id)
) STRICT, WITHOUT ROWID;

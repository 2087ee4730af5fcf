-- Version 4: what a backend chose by measuring.

CREATE TABLE choices (                          -- the ways that the backend tried, one row each; the result is the same to the last bit
    run          TEXT NOT NULL REFERENCES runs(key) ON DELETE CASCADE,
    step         INTEGER NOT NULL,              -- at which it was recorded
    scan         TEXT NOT NULL,                 -- the prefix of the scan without its last dot; "" for a single scan
    batch        INTEGER NOT NULL,              -- for this batch size
    way          TEXT NOT NULL,                 -- rows: the threads share the batch; units: the hidden units
    seconds      REAL NOT NULL,                 -- the shortest time of one step of the recurrence
    chosen       INTEGER NOT NULL CHECK (chosen IN (0, 1)),
    PRIMARY KEY (run, scan, batch, way)
) STRICT, WITHOUT ROWID;

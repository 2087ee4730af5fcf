-- Version 3: what one training step takes.

ALTER TABLE timings ADD COLUMN step_memory INTEGER;     -- most bytes that one training step held beyond what was there before it; null where it was not measured

-- The runs that a RunFilter names. Every query stands behind this and takes its runs from here, never from the table.
WITH chosen AS (
    SELECT key AS run, runs.* FROM runs
    WHERE (@study   IS NULL OR key IN (SELECT run FROM study_runs WHERE study = (SELECT max(id) FROM studies WHERE name = @study)))
      AND (@studyId IS NULL OR key IN (SELECT run FROM study_runs WHERE study = @studyId))
      AND (@models  IS NULL OR model  IN (SELECT value FROM json_each(@models)))
      AND (@tasks   IS NULL OR task   IN (SELECT value FROM json_each(@tasks)))
      AND (@seeds   IS NULL OR seed   IN (SELECT value FROM json_each(@seeds)))
      AND (@status  IS NULL OR status IN (SELECT value FROM json_each(@status)))
      AND (@keys    IS NULL OR key    IN (SELECT value FROM json_each(@keys)))
)

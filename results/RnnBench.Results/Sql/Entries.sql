SELECT c.run, c.model, c.task, c.seed, e.study, e.arm, e.part, e.trial, e.rung, e.settings, e.score, e.chosen, c.status
FROM chosen c JOIN study_entries e USING (run)
WHERE (@study   IS NULL OR e.study = (SELECT max(id) FROM studies WHERE name = @study))
  AND (@studyId IS NULL OR e.study = @studyId)
  AND (@study IS NOT NULL OR @studyId IS NOT NULL OR e.study = (SELECT max(study) FROM study_entries WHERE run = c.run))
ORDER BY c.task, c.model, c.seed, c.run, e.part, e.arm, e.trial, e.rung

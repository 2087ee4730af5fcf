SELECT study, id, statement, source, rule
FROM claims
WHERE (@study   IS NULL OR study = (SELECT max(id) FROM studies WHERE name = @study))
  AND (@studyId IS NULL OR study = @studyId)
ORDER BY study, place

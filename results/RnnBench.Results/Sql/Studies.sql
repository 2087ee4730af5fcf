SELECT s.id AS study, s.name, s.definition, s.command, s.started, count(c.run) AS runs, coalesce(sum(c.status = 'done'), 0) AS done
FROM studies s LEFT JOIN study_runs r ON r.study = s.id LEFT JOIN chosen c ON c.run = r.run
WHERE (@study   IS NULL OR s.id = (SELECT max(id) FROM studies WHERE name = @study))
  AND (@studyId IS NULL OR s.id = @studyId)
GROUP BY s.id
ORDER BY s.id

, ranked AS (
    SELECT run, metric, unit, lower_is_better, step, epoch, value,
           row_number() OVER (PARTITION BY run ORDER BY iif(lower_is_better, value, -value), step) AS place
    FROM metrics JOIN tasks USING (run, metric)
    WHERE deciding AND split = 'valid' AND value IS NOT NULL
)
SELECT c.run, c.model, c.task, c.seed, c.status, best.metric, best.unit, best.lower_is_better, best.step, best.epoch, best.value AS valid,
       (SELECT value FROM metrics m WHERE m.run = best.run AND m.step = best.step AND m.split = 'test' AND m.metric = best.metric) AS test
FROM chosen c JOIN ranked best USING (run)
WHERE best.place = 1
ORDER BY c.task, c.model, c.seed, c.run

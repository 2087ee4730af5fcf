, latest AS (
    SELECT run, split, metric, max(step) AS step
    FROM metrics WHERE run IN (SELECT run FROM chosen) AND split IN ('valid', 'test')
    GROUP BY run, split, metric
)
SELECT c.run, c.model, c.task, c.seed, c.status, m.split, m.metric, m.step, m.value,
       t.unit, t.lower_is_better, t.deciding, t.baseline, t.solved, t.protocol, c.parameters, c.path
FROM latest JOIN metrics m USING (run, split, metric, step) JOIN chosen c USING (run) LEFT JOIN tasks t USING (run, metric)
ORDER BY c.task, c.model, c.seed, c.run, coalesce(t.deciding, 0) DESC, m.metric, m.split

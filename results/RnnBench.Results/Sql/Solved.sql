SELECT c.run, c.model, c.task, c.seed, c.status, t.metric, t.lower_is_better, t.solved,
       min(iif(iif(t.lower_is_better, m.value <= t.solved, m.value >= t.solved), m.step, NULL)) AS step,
       max(m.step) AS last_step
FROM chosen c JOIN tasks t USING (run) LEFT JOIN metrics m ON m.run = t.run AND m.metric = t.metric AND m.split = 'valid'
WHERE t.deciding AND t.solved IS NOT NULL
GROUP BY c.run
ORDER BY c.task, c.model, c.seed, c.run

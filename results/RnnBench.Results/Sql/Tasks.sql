SELECT c.task, metric, unit, lower_is_better, deciding, baseline, solved, protocol, count(*) AS runs
FROM chosen c JOIN tasks USING (run)
GROUP BY c.task, metric, unit, lower_is_better, deciding, baseline, solved, protocol
ORDER BY c.task, deciding DESC, metric, min(c.started), protocol

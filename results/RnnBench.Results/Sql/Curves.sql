SELECT run, model, task, seed, step, epoch, split, metric, value
FROM chosen JOIN metrics USING (run)
ORDER BY task, model, seed, run, metric, split, step

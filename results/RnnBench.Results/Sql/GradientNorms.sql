SELECT run, model, task, seed, step, mean, max, clipped
FROM chosen JOIN gradient_norms USING (run)
ORDER BY task, model, seed, run, step

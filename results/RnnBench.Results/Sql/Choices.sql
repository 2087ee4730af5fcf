SELECT run, model, task, seed, path, threads, step, scan, batch, way, seconds, choices.chosen AS taken
FROM chosen JOIN choices USING (run)
ORDER BY task, model, seed, run, scan, batch, way

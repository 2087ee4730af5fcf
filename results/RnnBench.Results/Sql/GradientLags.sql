SELECT run, model, task, seed, step, layer, lag, mean, median, low, high
FROM chosen JOIN gradient_lags USING (run)
ORDER BY task, model, seed, run, step, layer, lag

SELECT run, model, task, seed, step, layer, gate, mean, deviation, below, above, histogram, units
FROM chosen JOIN gates USING (run)
ORDER BY task, model, seed, run, step, layer, gate

SELECT run, model, task, seed, step, gate, fixed, value, metric, result
FROM chosen JOIN gate_fixes USING (run)
ORDER BY task, model, seed, run, step, gate, fixed, metric

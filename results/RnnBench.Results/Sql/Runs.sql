SELECT run, model, task, seed, recipe, status, message, path, device, dtype, threads, parameters, parameters_outside, flops, c.steps,
       (SELECT sum(data + forward + backward + "update") FROM timings WHERE timings.run = c.run) AS seconds,
       started, ended, machine, experiment
FROM chosen c
ORDER BY task, model, seed, run

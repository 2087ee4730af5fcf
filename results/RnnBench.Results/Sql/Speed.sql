, placed AS (
    SELECT *, row_number() OVER (PARTITION BY run ORDER BY step) AS place, count(*) OVER (PARTITION BY run) AS total
    FROM timings WHERE run IN (SELECT run FROM chosen)
), summed AS (
    SELECT run, sum(steps) AS steps, sum(tokens) AS tokens,
           sum(data) AS data, sum(forward) AS forward, sum(backward) AS backward, sum("update") AS "update"
    FROM placed WHERE place > 1 OR total = 1
    GROUP BY run
), timed AS (
    SELECT *, data + forward + backward + "update" AS seconds FROM summed
)
SELECT run, model, task, seed, path, device, dtype, threads, machine, t.steps, tokens, seconds, tokens / nullif(seconds, 0) AS tokens_per_second,
       data, forward, backward, "update", (SELECT max(memory) FROM timings m WHERE m.run = t.run) AS peak_memory,
       (SELECT max(step_memory) FROM timings m WHERE m.run = t.run) AS step_memory
FROM chosen JOIN timed t USING (run)
ORDER BY task, model, seed, run

SELECT m.id AS machine, m.description, count(*) AS runs, min(c.started) AS first, max(c.started) AS last
FROM chosen c JOIN machines m ON m.id = c.machine
GROUP BY m.id
ORDER BY m.id

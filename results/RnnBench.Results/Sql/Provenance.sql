SELECT task, name, sha256, count(*) AS runs
FROM chosen JOIN provenance USING (run)
GROUP BY task, name, sha256
ORDER BY task, name, sha256

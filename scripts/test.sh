#!/usr/bin/env bash
# Runs all tests: restores the locked packages, builds in Release, runs each test project, and ends with the sum of all.
# RNNBENCH_DATA names a folder with real data sets; tests that need one are skipped without it, and say so.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/need-dotnet.sh"
cd "$root"

dotnet restore RnnBench.sln --locked-mode -v quiet --nologo
dotnet msbuild RnnBench.sln -p:Configuration=Release -v:quiet -nologo

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
for project in */*.Tests; do
    name=$(basename "$project")
    echo "== $name"
    code=0
    dotnet "$project/bin/Release/net10.0/$name.dll" -noColor 2>&1 | tee "$log" | sed -E '/^xUnit.net|^  (Discover|Start|Finish)|^=== TEST/d' || code=$?
    # The runner's last line: "NAME  Total: 11, Errors: 0, Failed: 0, Skipped: 0, Not Run: 0, Time: 0.6s".
    summary=$(sed -nE 's/.*Total: ([0-9]+), Errors: ([0-9]+), Failed: ([0-9]+), Skipped: ([0-9]+), Not Run: ([0-9]+).*/\1 \2 \3 \4 \5/p' "$log" | tail -n 1)
    read -r total errors wrong left other <<< "${summary:-0 1 0 0 0}"
    bad=$((errors + wrong))
    if [ "$code" -ne 0 ] && [ "$bad" -eq 0 ]; then bad=1; fi
    if [ -z "$summary" ] || [ "$code" -ne 0 ]; then echo "$name: exit code $code"; fi
    good=$((total - wrong - left - other))
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + left + other))
done

if [ "$((passed + failed))" -eq 0 ]; then failed=1; fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]

#!/usr/bin/env bash
# From nothing to a report: restores, builds in Release, runs the study "smoke" and writes its report. Finished runs are kept, so
# that a second call is quick. Results go to runs/ in the repository, or to the folder given.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/need-dotnet.sh"
folder=${1:-$root/runs}
mkdir -p "$folder"
cd "$folder"

echo "1/3  restore and build"
(cd "$root" && dotnet msbuild harness/RnnBench.Cli -restore -p:RestoreLockedMode=true -p:Configuration=Release -v:quiet -nologo)

program=$root/harness/RnnBench.Cli/bin/Release/net10.0/rnnbench.dll
echo "2/3  study smoke: rnn, lstm and gru"
dotnet "$program" study smoke --db rnnbench.db

echo "3/3  report"
dotnet "$program" report --study smoke --db rnnbench.db --out report
echo "The report: $PWD/report/report.html"

#!/usr/bin/env bash
# Makes the self-contained bundle for linux-x64: the program with its .NET runtime, without libtorch, for a machine that has a
# PyTorch installation and no SDK. Fails at 60 MB. Usage: scripts/publish.sh [FOLDER], by default out/rnnbench-linux-x64.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/need-dotnet.sh"
folder=$(realpath -m "${1:-$root/out/rnnbench-linux-x64}")
cd "$root"

if [ -e "$folder" ] && [ ! -x "$folder/rnnbench" ]; then echo "$folder is there and is no bundle; give another folder." >&2; exit 2; fi
rm -rf "$folder"
dotnet publish harness/RnnBench.Cli -c Release -p:Bundle=true -p:RestoreLockedMode=true -o "$folder" -v quiet --nologo
cp scripts/cuda-check.sh LICENSE "$folder/"

for needed in rnnbench libLibTorchSharp.so studies; do
    [ -e "$folder/$needed" ] || { echo "the bundle has no $needed" >&2; exit 1; }
done
if compgen -G "$folder/libtorch*" > /dev/null; then echo "the bundle holds libtorch" >&2; exit 1; fi
size=$(find "$folder" -type f -printf '%s\n' | awk '{ sum += $1 } END { print sum }')
printf '%s: %d.%d MB in %d files\n' "$folder" $((size / 1000000)) $((size / 100000 % 10)) "$(find "$folder" -type f | wc -l)"
[ "$size" -lt 60000000 ] || { echo "that is more than 60 MB" >&2; exit 1; }
"$folder/rnnbench" --version
tar -C "$(dirname "$folder")" -czf "$folder.tar.gz" "$(basename "$folder")"
printf '%s: %d.%d MB packed\n' "$folder.tar.gz" $(($(stat -c %s "$folder.tar.gz") / 1000000)) $(($(stat -c %s "$folder.tar.gz") / 100000 % 10))

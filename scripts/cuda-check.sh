#!/usr/bin/env bash
# Checks the bundle on a machine with a PyTorch installation and perhaps a GPU. Run it in the bundle:
#   ./cuda-check.sh [GOLDEN_FOLDER]
# The PyTorch is the one of python3, or of RNNBENCH_LIBTORCH (its lib folder). Golden cases lie in GOLDEN_FOLDER or RNNBENCH_GOLDEN.
# One line for each step: ok, skipped (why) or FAILED; exit code 1 if any failed. The details go to cuda-check.log.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=$here/rnnbench
golden=${1:-${RNNBENCH_GOLDEN:-}}
log=$PWD/cuda-check.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: > "$log"
failed=0

say() { printf '%-8s %-28s %s\n' "$@" | tee -a "$log"; }

# step NAME SHOW COMMAND...: runs it, shows the last line that matches SHOW.
step() {
    local name=$1 show=$2 code=0
    shift 2
    printf '\n$ %s\n' "$*" >> "$log"
    "$@" > "$work/step" 2>&1 || code=$?
    cat "$work/step" >> "$log"
    if [ "$code" -eq 0 ]; then say ok "$name" "$(grep -E "$show" "$work/step" | tail -n 1)"; return 0; fi
    say FAILED "$name" "exit code $code: $(grep -m 1 -iE 'error|problem|undefined' "$work/step" || tail -n 1 "$work/step")"
    failed=1
    return 1
}

if [ ! -x "$program" ]; then echo "$program is missing: run this script in the bundle that scripts/publish.sh makes." >&2; exit 2; fi

if [ -z "${RNNBENCH_LIBTORCH:-}" ]; then
    RNNBENCH_LIBTORCH=$(python3 -c 'import os, torch; print(os.path.join(torch.__path__[0], "lib"))' 2>> "$log") || {
        say FAILED "PyTorch" "python3 has no torch; set RNNBENCH_LIBTORCH to the lib folder of a PyTorch"
        exit 1
    }
fi
export RNNBENCH_LIBTORCH
version=$(sed -nE "s/^__version__ *= *['\"]([^'\"]+)['\"].*/\1/p" "$RNNBENCH_LIBTORCH/../version.py" 2> /dev/null)
say ok "PyTorch" "${version:-unknown version}, $RNNBENCH_LIBTORCH"

step "doctor" "^[a-z]+ +libtorch " "$program" doctor --db "$work/check.db"
doctor=$(cat "$work/step")

# Every symbol that TorchSharp's library needs must be in this libtorch. The loader itself is asked, about the library that the
# program loads: the original, or on a system with an older libstdc++ its copy.
symbols() {
    local library missing
    library=$(sed -nE 's/.*remedy in use: //p' <<< "$doctor")
    LD_LIBRARY_PATH=$RNNBENCH_LIBTORCH${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ldd -r "${library:-$here/libLibTorchSharp.so}" 2>&1 | tee "$work/ldd"
    missing=$(grep -c 'undefined symbol' "$work/ldd")
    if [ "$missing" -gt 0 ]; then echo "undefined: $missing symbols"; return 1; fi
    if grep -v 'weak version' "$work/ldd" | grep 'not found'; then echo "undefined: a library or version is not found"; return 1; fi
    echo "no undefined symbol"
}
step "symbols" undefined symbols

devices=(cpu)
if grep -q '^ok  *cuda' <<< "$doctor"; then devices+=(cuda); else say skipped "CUDA steps" "$(sed -nE 's/^(note|problem) +cuda +//p' <<< "$doctor")"; fi

# nn.GRU resets after the recurrent product, the case resets before: the library has the other two.
cases() { if [ "$1" = library ]; then echo rnn lstm; else echo rnn lstm gru; fi; }

for device in "${devices[@]}"; do
    # Every architecture, by what auto takes on this device: modules, trees and matrix functions too.
    for dtype in ${golden:+float64 float32}; do
        step "golden auto $device $dtype" worst "$program" verify "$golden"/*.safetensors --backend auto --device "$device" --dtype "$dtype"
    done
    for backend in eager library; do
        for dtype in ${golden:+float64 float32}; do
            step "golden $backend $device $dtype" worst "$program" verify $(printf "$golden/%s.safetensors " $(cases "$backend")) --backend "$backend" --device "$device" --dtype "$dtype"
        done
        step "train $backend $device" "loss" "$program" run "lstm(hidden=64)" --task "adding(T=20)" --steps 200 --backend "$backend" --device "$device" --db "$work/check.db"
    done
done
[ -n "$golden" ] || say skipped "golden cases" "give their folder: ./cuda-check.sh GOLDEN_FOLDER"

if [ "$failed" -eq 0 ]; then echo "all steps passed; details in $log"; else echo "steps FAILED; details in $log"; fi
exit "$failed"

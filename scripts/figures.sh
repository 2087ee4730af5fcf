#!/usr/bin/env bash
# figures.sh REPORT_FOLDER: every figure of a report as PNG and PDF beside its SVG, drawn by a headless Chromium. The LaTeX takes the PDFs.
set -euo pipefail
folder=${1:?usage: figures.sh REPORT_FOLDER}/figures
[ -d "$folder" ] || { echo "error: there is no folder $folder; write a report first: rnnbench report" >&2; exit 2; }
browser=$(command -v "${CHROMIUM:-chromium}" || command -v chromium-browser || command -v google-chrome || true)
[ -n "$browser" ] || { echo "error: no Chromium found; install it, or name it in CHROMIUM" >&2; exit 2; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
draw() { "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$work/profile" "$@" >/dev/null 2>&1; }
for svg in "$folder"/*.svg; do
    read -r width height < <(sed -n '1s/.*viewBox="0 0 \([0-9]*\)[0-9.]* \([0-9]*\)[0-9.]*".*/\1 \2/p' "$svg")
    page=$work/page.html
    { printf '<!DOCTYPE html><meta charset="utf-8"><style>@page{size:%dpx %dpx;margin:0}body{margin:0}svg{display:block}</style>' "$((width + 1))" "$((height + 2))"; cat "$svg"; } > "$page"
    draw --force-device-scale-factor=2 --window-size="$((width + 1)),$((height + 1))" --screenshot="$(realpath "${svg%.svg}.png")" "file://$page"
    draw --no-pdf-header-footer --print-to-pdf="$(realpath -m "${svg%.svg}.pdf")" "file://$page"
    echo "${svg%.svg}.png ${svg%.svg}.pdf"
done

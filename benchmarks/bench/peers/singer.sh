#!/usr/bin/env bash
# A Singer tap piped into target-duckdb, which merges by key; each in its own environment, as Singer wants it.
#   singer.sh PYTHON_OF_TAP PYTHON_OF_TARGET URL FOLDER
set -euo pipefail
tap=$1 target=$2 url=$3 folder=$4
printf '{"path": "%s/copy.duckdb", "default_target_schema": "main", "batch_size_rows": 100000}' "$folder" \
    > "$folder/target.json"
"$tap" "$(dirname "$0")/singer_tap.py" "$url" | "$(dirname "$target")/target-duckdb" --config "$folder/target.json"

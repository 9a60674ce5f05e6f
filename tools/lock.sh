#!/bin/sh
# What `make lock` does: writes requirements*.lock, with the hash of every file that each pinned package may come as
# (so they hold on every processor and Python version), from requirements*.txt. pip then takes nothing else.
#
# uv, which reads them off, is installed aside and not kept: nothing else needs it.
set -eu
cd "$(dirname "$0")/.."
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT

"${PYTHON:-python3}" -m venv "$aside"
"$aside/bin/python" -m pip install --quiet --no-input --disable-pip-version-check --constraint tools/requirements.txt uv
for list in requirements requirements-dev; do
    rm -f "$list.lock"  # uv would keep to it
    "$aside/bin/uv" --no-config pip compile "$list.txt" --output-file "$list.lock" --quiet --universal --python-version 3.11 \
        --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"
done

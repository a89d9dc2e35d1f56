#!/usr/bin/env bash
# The whole suite: all tests, and what touches the database on SQLite and PostgreSQL, in one pool of processes.
# Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
pytest=(.venv/bin/python -m pytest)
bash tests/system_packages.sh

# Some hundred processes import the same modules: compiled once, with the asserts of the tests, and kept.
unset PYTHONDONTWRITEBYTECODE
[ -d tests/__pycache__ ] || "${pytest[@]}" --collect-only -q >/dev/null

ended=0
# Most tests wait for a server half of their time: more of them at once than there are cores.
TEST_DATABASE=both "${pytest[@]}" -n "$(($(nproc) + 1))" --dist worksteal "$@" || ended=$?
echo "== $((SECONDS - began)) s in total, exit $ended"
exit $ended

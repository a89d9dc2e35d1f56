#!/usr/bin/env bash
# The whole suite: on SQLite, beside it what touches the database again on PostgreSQL, and then in the browser.
# Arguments go to every pytest.
set -uo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
pytest=(.venv/bin/python -m pytest)
# Most tests wait for a server half of their time: more of them at once than there are cores.
at_once=(-n "$(($(nproc) + 1))" --dist worksteal)
bash tests/system_packages.sh || exit 1

# Some hundred processes import the same modules: compiled once, with the asserts of the tests, and kept.
unset PYTHONDONTWRITEBYTECODE
[ -d tests/__pycache__ ] || "${pytest[@]}" --collect-only -q >/dev/null

# Without arguments only what has tests for the browser is looked through for them.
in_browser=("$@")
[ $# -gt 0 ] || mapfile -t in_browser < <(grep -rl --include='test_*.py' 'mark\.browser' tests)

log=$(mktemp)
took=$(mktemp)
tests_began=$SECONDS
trap 'rm -f "$log" "$took"' EXIT
{
    TEST_DATABASE=postgresql "${pytest[@]}" "${at_once[@]}" -m "not browser" -p no:cacheprovider "$@"
    ended=$?
    echo "$((SECONDS - tests_began))" >"$took"
    exit "$ended"
} >"$log" 2>&1 </dev/null &
on_postgresql=$!

echo "== SQLite (PostgreSQL at the same time, shown at the end)"
TEST_DATABASE=sqlite "${pytest[@]}" "${at_once[@]}" -m "not browser" "$@"
sqlite=$?
sqlite_s=$((SECONDS - tests_began))
echo "== Browser"
browser_began=$SECONDS
TEST_DATABASE=sqlite "${pytest[@]}" -n 2 --dist worksteal -m browser "${in_browser[@]}"
browser=$?
browser_s=$((SECONDS - browser_began))
wait "$on_postgresql"
postgresql=$?
echo "== PostgreSQL"
cat "$log"

echo "== SQLite: exit $sqlite after $sqlite_s s; PostgreSQL, at the same time: exit $postgresql after $(cat "$took") s"
echo "== Browser: exit $browser after $browser_s s; $((SECONDS - began)) s in total"
[ $sqlite -eq 0 ] && [ $postgresql -eq 0 ] && [ $browser -eq 0 ]

#!/usr/bin/env bash
# The whole suite: on SQLite, beside it what touches the database again on PostgreSQL, then in the browser.
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
"${pytest[@]}" --collect-only -q >/dev/null

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

echo "== SQLite (PostgreSQL at the same time, shown after it)"
TEST_DATABASE=sqlite "${pytest[@]}" "${at_once[@]}" -m "not browser" "$@"
sqlite=$?
sqlite_s=$((SECONDS - tests_began))
wait "$on_postgresql"
postgresql=$?
echo "== PostgreSQL"
cat "$log"
echo "== Browser"
browser_began=$SECONDS
TEST_DATABASE=sqlite "${pytest[@]}" -n 2 --dist worksteal -m browser "$@"
browser=$?

echo "== SQLite: exit $sqlite after $sqlite_s s; PostgreSQL, at the same time: exit $postgresql after $(cat "$took") s"
echo "== Browser: exit $browser after $((SECONDS - browser_began)) s; $((SECONDS - began)) s in total"
[ $sqlite -eq 0 ] && [ $postgresql -eq 0 ] && [ $browser -eq 0 ]

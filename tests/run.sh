#!/usr/bin/env bash
# The whole suite: on SQLite, and beside it what touches the database again on PostgreSQL, and in the browser.
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

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
beside() { # NAME DATABASE ARGUMENTS: one part at the same time as the others, shown after them
    TEST_DATABASE=$2 "${pytest[@]}" -p no:cacheprovider "${@:3}" >"$logs/$1" 2>&1 </dev/null &
}

echo "== SQLite (PostgreSQL and the browser at the same time, shown after it)"
beside postgresql postgresql "${at_once[@]}" -m "not browser" "$@"
on_postgresql=$!
beside browser sqlite -m browser "$@"
in_browser=$!
TEST_DATABASE=sqlite "${pytest[@]}" "${at_once[@]}" -m "not browser" "$@"
sqlite=$?
wait "$on_postgresql"
postgresql=$?
echo "== PostgreSQL"
cat "$logs/postgresql"
wait "$in_browser"
browser=$?
echo "== Browser"
cat "$logs/browser"

echo "== SQLite: exit $sqlite, PostgreSQL: exit $postgresql, browser: exit $browser; $((SECONDS - began)) s in total"
[ $sqlite -eq 0 ] && [ $postgresql -eq 0 ] && [ $browser -eq 0 ]

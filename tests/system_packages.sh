#!/usr/bin/env bash
# Installs the programs that the tests drive, where that is allowed; else says what to install.
set -euo pipefail

is_debian() { grep -qs '^ID=debian' /etc/os-release; }
has_headless_shell() { command -v chromium-headless-shell; }
has_chromium() { has_headless_shell || command -v chromium || command -v chromium-browser || command -v google-chrome; }
has_postgresql() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || command -v initdb; }

has_compiler() { command -v cc; }
# Without it a few tests are skipped, which say so.
has_pgbouncer() { command -v pgbouncer || [ -x /usr/sbin/pgbouncer ]; }

missing=()
if ! has_chromium >/dev/null; then
    if is_debian; then missing+=(chromium-headless-shell); else missing+=(chromium); fi
    missing+=(fonts-liberation)
fi
has_compiler >/dev/null || missing+=(gcc libc6-dev)
has_postgresql >/dev/null || missing+=(postgresql)
extra=()
# With it the tests in a browser take half of the time.
if is_debian && has_chromium >/dev/null && ! has_headless_shell >/dev/null; then extra+=(chromium-headless-shell); fi
has_pgbouncer >/dev/null || extra+=(pgbouncer)
[ $((${#missing[@]} + ${#extra[@]})) -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    # Ask for a password only where somebody is there to type it.
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        as_root=(sudo)
    else
        as_root=(false)
    fi
fi

export DEBIAN_FRONTEND=noninteractive
install() { "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$@"; }
is_updated() { command -v apt-get >/dev/null && "${as_root[@]}" apt-get update -qq; }
if is_updated && { [ ${#missing[@]} -eq 0 ] || install "${missing[@]}"; }; then
    for package in "${extra[@]}"; do install "$package" || true; done
    exit 0
fi
[ ${#missing[@]} -eq 0 ] && exit 0

cat >&2 <<MESSAGE

The tests need programs that are not installed here and could not be installed for you:

    ${missing[*]}

On Debian or Ubuntu:  sudo apt-get update && sudo apt-get install ${missing[*]}
Elsewhere install Chromium, a PostgreSQL server and a C compiler, so that "chromium", "initdb" and "cc" are on
the path.
MESSAGE
exit 1

#!/bin/sh
# Brings the programs that some tests need (Chromium and its fonts, a PostgreSQL server) where Debian's packages can be
# installed without asking. Elsewhere it says which tests will not run, and that is a failure where CI=true.
set -eu
cd "$(dirname "$0")/.."

missing() {
    "${PYTHON:-python3}" tests/programs.py
}

[ -n "$(missing)" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root="env DEBIAN_FRONTEND=noninteractive"
elif sudo -n true 2>/dev/null; then
    as_root="sudo -n env DEBIAN_FRONTEND=noninteractive"
else
    as_root=
fi

if [ -n "$as_root" ] && command -v apt-get >/dev/null; then
    packages=$(missing)
    echo "Installing for the tests: $packages"
    # shellcheck disable=SC2086 # one word for each package
    told=$($as_root apt-get update -qq 2>&1 && $as_root apt-get install -y --no-install-recommends $packages 2>&1) ||
        echo "$told"
fi

lacking=$(missing)
[ -n "$lacking" ] || exit 0
echo "Not on this machine, and cannot be installed here: $lacking. Tests that need them will be reported as NOT RUN."
[ "${CI:-}" != true ]

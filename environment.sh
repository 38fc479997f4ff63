#!/bin/sh
# Makes .venv, the Python environment of `make run` and `make test`, unless it is there and whole.
# Finds a Python of 3.11 or newer by itself; another is named by PYTHON.
set -eu
cd "$(dirname "$0")"

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
names=${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11 python}

# An interrupted start, or a Python that was replaced since, leaves a .venv that is not whole.
if .venv/bin/python -c "import pip; $new_enough" 2>/dev/null; then
    exit 0
fi

for name in $names; do
    if "$name" -c "$new_enough" 2>/dev/null; then
        python=$name
        break
    fi
done
if [ -z "${python:-}" ]; then
    echo "Python 3.11 or newer was not found (looked for: $names). Install it, or name it: make run PYTHON=/path/to/python"
    exit 1
fi

# Debian and Ubuntu keep a part of Python in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package"
        export DEBIAN_FRONTEND=noninteractive
        told=$(apt-get update -qq 2>&1 && apt-get install -y "$package" 2>&1) || echo "$told"
    fi
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        echo "This Python ($python) cannot make an environment: its module ensurepip is missing."
        echo "Install it and run make again. On Debian and Ubuntu: sudo apt-get install $package"
        exit 1
    fi
fi

"$python" -m venv --clear .venv

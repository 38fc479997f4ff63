"""The programs of the system that some tests need: a PostgreSQL server and a Chromium. Found, or reported as missing.

    python tests/programs.py        prints the Debian packages of what is missing

Imports nothing that has to be installed, so that it can say what to install.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
CHROMIUM_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
POSTGRESQL_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat
    "opt/homebrew/opt/postgresql*/bin",
    "usr/local/opt/postgresql*/bin",
    "home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
)


def chromium() -> Path | None:
    """The browser for the browser tests; None where there is none."""
    found = [shutil.which(name) for name in CHROMIUM_NAMES] + [a for a in CHROMIUM_APPLICATIONS if os.path.exists(a)]
    return next((Path(path) for path in found if path), None)


def postgresql() -> Path | None:
    """The folder with `initdb` and `postgres`; None where no server is installed."""
    return next((f for f in _postgresql_folders() if (f / "initdb").exists() and (f / "postgres").exists()), None)


def missing() -> list[str]:
    """The Debian packages of what tests would lack on this machine."""
    fonts = list(Path("/usr/share/fonts").rglob("LiberationSans-Regular.*"))
    found = {"chromium": chromium(), "fonts-liberation": fonts, "postgresql": postgresql()}
    return [package for package, place in found.items() if not place]


def _postgresql_folders() -> Iterator[Path]:
    if found := shutil.which("initdb"):
        yield Path(found).resolve().parent
    if shutil.which("pg_config"):
        told = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True)
        yield Path(told.stdout.strip())
    for pattern in POSTGRESQL_FOLDERS:
        yield from sorted(Path("/").glob(pattern), reverse=True)


if __name__ == "__main__":
    print(*missing())

"""Writes the next migration after a change of models/records.py:  python -m data.migrations "what changed" """

import sys
import tempfile

from alembic import command

from data.database import MIGRATIONS, alembic_config, open_database


def write_next(what_changed: str) -> None:
    """Compares the records with what the migrations make so far; the difference becomes versions/000N_*.py."""
    number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
    with tempfile.TemporaryDirectory() as scratch:
        engine = open_database(f"sqlite:///{scratch}/as_it_was.db")
        with engine.connect() as connection:
            command.revision(alembic_config(connection), what_changed, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()


if __name__ == "__main__":
    write_next(sys.argv[1])

"""Writes the next migration after a change of models/records.py:  python -m data.database.migrations "what changed" """

import sys

from alembic import command
from sqlalchemy import create_engine

from data.database import schema_version


def write_next(what_changed: str) -> None:
    """Compares the records with what the migrations make so far; the difference becomes versions/000N_*.py."""
    number = len(list((schema_version.MIGRATIONS_FOLDER / "versions").glob("*.py"))) + 1
    with create_engine("sqlite://").connect() as as_it_was:
        config = schema_version.alembic_config(as_it_was)
        command.upgrade(config, "head")
        command.revision(config, what_changed, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    write_next(sys.argv[1])

"""Run by Alembic: inside the transaction that data/database.py holds, or for someone who has changed models/records.py.

A changed record needs a migration:  alembic revision --autogenerate --rev-id 0002 -m "what changed"
"""

from alembic import context
from sqlalchemy import Connection

from data.database import open_database
from models.records import Record


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=Record.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


held = context.config.attributes.get("connection")
if held is not None:
    migrate(held)
else:
    with open_database().connect() as connection:
        migrate(connection)

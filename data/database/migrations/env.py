"""Run by Alembic, inside the transaction that data/database/engine.py holds."""

from alembic import context

from models.records import Record

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Record.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()

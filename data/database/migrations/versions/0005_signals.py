"""A measure that rose above its baseline stays on record, whatever is corrected or imported later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "signal",
        sa.Column("measure", sa.String(length=120), nullable=False),
        sa.Column("treated_on", sa.Date(), nullable=False),
        sa.Column("known_on", sa.Date(), nullable=False),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("measure", name=op.f("uq_signal_measure")),
    )

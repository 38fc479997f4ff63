"""A case can be reviewed step by step; side effects and contacts keep the revision at which they were last written."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

CODE = sa.String(length=120)


def upgrade() -> None:
    for changed in ("side_effect", "follow_up", "case_review"):
        with op.batch_alter_table(changed) as table:
            table.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("case_review") as table:
        table.add_column(sa.Column("reviewer", CODE, nullable=True))
        table.add_column(sa.Column("reviewer_practitioner", CODE, nullable=True))
        table.add_column(sa.Column("made_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("why", sa.Text(), nullable=True))
        table.add_column(sa.Column("naranjo", CODE, nullable=True))
        table.add_column(sa.Column("grade", sa.Integer(), nullable=True))
        table.add_column(sa.Column("grade_scale", sa.String(length=40), nullable=True))
        table.add_column(sa.Column("owner", sa.Text(), nullable=True))
        table.add_column(sa.Column("is_complete", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.add_column(sa.Column("second_reviewer", CODE, nullable=True))
        table.add_column(sa.Column("second_practitioner", CODE, nullable=True))
        table.add_column(sa.Column("agrees", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("undone_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("undone_by", CODE, nullable=True))
        table.add_column(sa.Column("undone_why", sa.Text(), nullable=True))

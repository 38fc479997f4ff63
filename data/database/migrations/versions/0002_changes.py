"""What each import told differently, with what was and what is; and who entered what no file brought, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_change_import_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_import_batch_id"), "change", ["import_batch_id"])
    op.create_index(op.f("ix_change_kind_key"), "change", ["kind", "key"])
    with op.batch_alter_table("import_batch") as import_batch:
        import_batch.add_column(sa.Column("entered_by", sa.Text(), nullable=True))
        import_batch.add_column(sa.Column("why", sa.Text(), nullable=True))

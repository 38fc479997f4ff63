"""A contact can be one that the client made without being asked. Such a contact does not count as asked."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("follow_up") as table:
        table.drop_constraint(op.f("ck_follow_up_asked_known"), type_="check")
        table.create_check_constraint(op.f("ck_follow_up_asked_known"), "asked in ('checklist', 'open', 'volunteered')")

"""Touch-ups are found by the visit they top up: without it, taking an import back looks through all for each visit."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_index(op.f("ix_treatment_touch_up_of_id"), "treatment", ["touch_up_of_id"])

"""Touch-ups are found by the visit they top up: without it, taking an import back looks through all for each visit.

Two indexes go: nothing that is asked of the records is faster by them, and each made imports slower (measured).
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TOUCH_UPS = sa.text("touch_up_of_id IS NOT NULL")


def upgrade() -> None:
    op.create_index(
        op.f("ix_treatment_touch_up_of_id"),
        "treatment",
        ["touch_up_of_id"],
        sqlite_where=TOUCH_UPS,
        postgresql_where=TOUCH_UPS,
    )
    op.drop_index(op.f("ix_treatment_date"), "treatment")
    op.drop_index(op.f("ix_treatment_import_batch_id"), "treatment")

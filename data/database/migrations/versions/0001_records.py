"""Every table of models/records.py, and the one row that counts its changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.String(length=120), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("seq", name=op.f("uq_audit_entry_seq")),
    )
    op.create_table(
        "baseline",
        sa.Column("measure", sa.String(length=120), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("to_date", sa.Date(), nullable=True),
        sa.Column("target", sa.Double(), nullable=True),
        sa.Column("set_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_baseline")),
    )
    op.create_index(op.f("ix_baseline_measure"), "baseline", ["measure"])
    op.create_table(
        "change_marker",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_marker")),
    )
    op.create_table(
        "client",
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("year_of_birth", sa.Integer(), nullable=True),
        sa.Column("sex", sa.String(length=20), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("key", name=op.f("uq_client_key")),
    )
    op.create_table(
        "import_batch",
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("format", sa.String(length=120), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("attribution_days", sa.Integer(), nullable=True),
        sa.Column("key_check", sa.String(length=120), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_stored", sa.Integer(), nullable=False),
        sa.Column("rows_changed", sa.Integer(), nullable=False),
        sa.Column("rows_unchanged", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    op.create_table(
        "meeting",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_table(
        "practitioner",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practitioner")),
        sa.UniqueConstraint("code", name=op.f("uq_practitioner_code")),
    )
    op.create_table(
        "product",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("dictionary", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("code", name=op.f("uq_product_code")),
    )
    op.create_table(
        "revision",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
    )
    op.create_table(
        "site",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("code", name=op.f("uq_site_code")),
    )
    op.create_table(
        "term",
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("family", sa.String(length=120), nullable=True),
        sa.Column("dictionary", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("code", name=op.f("uq_term_code")),
    )
    op.create_table(
        "action",
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("measure", sa.String(length=120), nullable=True),
        sa.Column("remeasure_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_action_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action")),
    )
    op.create_table(
        "lot",
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("expiry", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_lot_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("product_id", "number", name=op.f("uq_lot_product_id_number")),
    )
    op.create_table(
        "seal",
        sa.Column("meeting_id", sa.Integer(), nullable=True),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("sealed_on", sa.DateTime(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["meeting_id"], ["meeting.id"], name=op.f("fk_seal_meeting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
    )
    op.create_table(
        "treatment",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("touch_up_of_id", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_treatment_client_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_treatment_import_batch_id")),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_treatment_practitioner_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_treatment_site_id")),
        sa.ForeignKeyConstraint(["touch_up_of_id"], ["treatment.id"], name=op.f("fk_treatment_touch_up_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_treatment")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_treatment_source_source_id")),
    )
    op.create_index(op.f("ix_treatment_client_id_date"), "treatment", ["client_id", "date"])
    op.create_index(op.f("ix_treatment_date"), "treatment", ["date"])
    op.create_index(op.f("ix_treatment_import_batch_id"), "treatment", ["import_batch_id"])

    op.create_table(
        "user",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("practitioner_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["practitioner_id"], ["practitioner.id"], name=op.f("fk_user_practitioner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("name", name=op.f("uq_user_name")),
    )
    op.create_table(
        "follow_up",
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.String(length=20), nullable=True),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("scale", sa.String(length=120), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("asked in ('checklist', 'open')", name=op.f("ck_follow_up_asked_known")),
        sa.CheckConstraint(
            "outcome in ('done', 'not_reached', 'declined', 'not_due')", name=op.f("ck_follow_up_outcome_known")
        ),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_follow_up_import_batch_id")),
        sa.ForeignKeyConstraint(["treatment_id"], ["treatment.id"], name=op.f("fk_follow_up_treatment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_up")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_follow_up_source_source_id")),
    )
    op.create_index(op.f("ix_follow_up_import_batch_id"), "follow_up", ["import_batch_id"])
    op.create_index(op.f("ix_follow_up_treatment_id"), "follow_up", ["treatment_id"])

    op.create_table(
        "injection",
        sa.Column("treatment_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=120), nullable=True),
        sa.Column("side", sa.String(length=10), nullable=True),
        sa.Column("product_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.Integer(), nullable=True),
        sa.Column("units", sa.Double(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("side in ('left', 'right', 'both', 'midline')", name=op.f("ck_injection_side_known")),
        sa.CheckConstraint("units >= 0", name=op.f("ck_injection_units_not_negative")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_injection_lot_id")),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_injection_product_id")),
        sa.ForeignKeyConstraint(["treatment_id"], ["treatment.id"], name=op.f("fk_injection_treatment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_injection")),
    )
    op.create_index(op.f("ix_injection_treatment_id"), "injection", ["treatment_id"])

    op.create_table(
        "side_effect",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("treatment_id", sa.Integer(), nullable=True),
        sa.Column("area", sa.String(length=120), nullable=True),
        sa.Column("side", sa.String(length=10), nullable=True),
        sa.Column("term", sa.String(length=120), nullable=False),
        sa.Column("as_given", sa.Text(), nullable=True),
        sa.Column("onset_first", sa.Date(), nullable=True),
        sa.Column("onset_last", sa.Date(), nullable=True),
        sa.Column("came_to_light", sa.String(length=20), nullable=True),
        sa.Column("serious", sa.String(length=120), nullable=True),
        sa.Column("source", sa.String(length=120), nullable=False),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "came_to_light in ('asked', 'volunteered', 'found')", name=op.f("ck_side_effect_came_to_light_known")
        ),
        sa.CheckConstraint("side in ('left', 'right', 'both', 'midline')", name=op.f("ck_side_effect_side_known")),
        sa.CheckConstraint("onset_first <= onset_last", name=op.f("ck_side_effect_onset_ordered")),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_side_effect_client_id")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_side_effect_import_batch_id")),
        sa.ForeignKeyConstraint(["treatment_id"], ["treatment.id"], name=op.f("fk_side_effect_treatment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_side_effect")),
        sa.UniqueConstraint("source", "source_id", name=op.f("uq_side_effect_source_source_id")),
    )
    op.create_index(op.f("ix_side_effect_client_id"), "side_effect", ["client_id"])
    op.create_index(op.f("ix_side_effect_import_batch_id"), "side_effect", ["import_batch_id"])
    op.create_index(op.f("ix_side_effect_treatment_id"), "side_effect", ["treatment_id"])

    op.create_table(
        "case_review",
        sa.Column("side_effect_id", sa.Integer(), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("causality", sa.String(length=120), nullable=True),
        sa.Column("causality_method", sa.String(length=120), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["reviewer_id"], ["user.id"], name=op.f("fk_case_review_reviewer_id")),
        sa.ForeignKeyConstraint(["side_effect_id"], ["side_effect.id"], name=op.f("fk_case_review_side_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_review")),
    )
    op.create_index(op.f("ix_case_review_side_effect_id"), "case_review", ["side_effect_id"])

    op.create_table(
        "not_asked",
        sa.Column("follow_up_id", sa.Integer(), nullable=False),
        sa.Column("term", sa.String(length=120), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["follow_up_id"], ["follow_up.id"], name=op.f("fk_not_asked_follow_up_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_asked")),
        sa.UniqueConstraint("follow_up_id", "term", name=op.f("uq_not_asked_follow_up_id_term")),
    )
    op.create_table(
        "remedy",
        sa.Column("side_effect_id", sa.Integer(), nullable=False),
        sa.Column("remedy", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_date", sa.Date(), nullable=True),
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_remedy_import_batch_id")),
        sa.ForeignKeyConstraint(["side_effect_id"], ["side_effect.id"], name=op.f("fk_remedy_side_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedy")),
        sa.UniqueConstraint("side_effect_id", "remedy", "kind", name=op.f("uq_remedy_side_effect_id_remedy_kind")),
    )
    op.create_index(op.f("ix_remedy_import_batch_id"), "remedy", ["import_batch_id"])

    op.create_table(
        "status",
        sa.Column("side_effect_id", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("grade_scale", sa.String(length=40), nullable=True),
        sa.Column("source_id", sa.String(length=120), nullable=False),
        sa.Column("import_batch_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('present', 'gone', 'unknown')", name=op.f("ck_status_state_known")),
        sa.CheckConstraint("grade between 1 and 5", name=op.f("ck_status_grade_range")),
        sa.ForeignKeyConstraint(["import_batch_id"], ["import_batch.id"], name=op.f("fk_status_import_batch_id")),
        sa.ForeignKeyConstraint(["side_effect_id"], ["side_effect.id"], name=op.f("fk_status_side_effect_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status")),
        sa.UniqueConstraint(
            "side_effect_id", "date", "source_id", name=op.f("uq_status_side_effect_id_date_source_id")
        ),
    )
    op.create_index(op.f("ix_status_import_batch_id"), "status", ["import_batch_id"])
    op.create_index(op.f("ix_status_side_effect_id"), "status", ["side_effect_id"])

    op.execute("INSERT INTO revision (number) VALUES (0)")

"""What a code is called on a page."""

from dashboard.labels import format_label, records_label


def test_records_and_formats_are_called_as_people_know_them():
    assert [records_label(kind) for kind in ("follow_ups", "side_effects", "treatments")] == [
        "Follow-ups",
        "Side effects",
        "Treatments",
    ]
    assert [format_label(name) for name in ("follow_up_log", "fhir", "redcap")] == ["follow-up log", "FHIR", "REDCap"]
    assert format_label("cdystonia") == "cdystonia"  # a mapping is called as the clinic named it

"""What a code is called on a page."""

from dashboard.text.labels import format_label, in_words, records_label


def test_records_and_formats_are_called_as_people_know_them():
    assert [records_label(kind) for kind in ("follow_ups", "side_effects", "treatments")] == [
        "Follow-ups",
        "Side effects",
        "Treatments",
    ]
    assert [format_label(name) for name in ("follow_up_log", "fhir", "redcap")] == ["follow-up log", "FHIR", "REDCap"]
    assert format_label("cdystonia") == "cdystonia"  # a mapping is called as the clinic named it


def test_what_a_record_said_before_is_read_in_words():
    assert in_words("term", "eyelid_ptosis") == "Eyelid ptosis"
    assert in_words("not_asked", "eyelid_ptosis; headache") == "Eyelid ptosis; Headache"
    assert in_words("grade", "3") == "3 (severe)"
    assert in_words("state", "present") == "Still there"
    assert in_words("units", "3") == "3"
    assert in_words("area", "empty") == "empty"
    assert in_words("product", "our own brand") == "our own brand"

"""Records are built by keyword, so that a new field shifts no other."""

from dataclasses import fields, is_dataclass

import pytest

from data.records import neutral_records

RECORDS = [
    value
    for name, value in vars(neutral_records).items()
    if is_dataclass(value) and (name.endswith("Record") or name == "ImportData")
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_a_record_takes_no_value_by_position(record):
    assert all(field.kw_only for field in fields(record))
    with pytest.raises(TypeError, match="positional"):
        record("a value")


def test_every_kind_of_record_is_checked():
    assert len(RECORDS) == 11

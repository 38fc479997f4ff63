"""A mapping file: what an earlier version wrote is still read, and is written as it was."""

from data.mapping.spec import parse_mapping
from data.mapping.store import mapping_to_toml

SAVED = """\
source = "boulevard"
header = ["Appointment ID", "Appointment Date", "Location Name", "Client ID", "Service Name", "Appointment State"]
unplaced = true

[treatments]
where = { "Appointment State" = ["final"] }
treatment_id = "{Appointment ID}"
date = "{Appointment Date}"
site = "{Location Name}"
client = "{Client ID}"
area = "{service.area}"
product = "{service.product}"
units = "{service.units}"

[services]
from = "{Service Name}"

[services.names]
"Botox Masseter 50 units" = { product = "botox_cosmetic", area = "masseter", units = "50" }
Dermaplaning = "not read"
"Dysport Crow's Feet 60 units" = { product = "dysport", area = "lateral_canthal", units = "60" }
"""


def test_a_mapping_that_an_earlier_version_saved_is_read_and_written_unchanged():
    assert mapping_to_toml(parse_mapping(SAVED, "boulevard.toml")) == SAVED


def test_numbers_and_keys_added_by_a_person_are_accepted():
    edited = SAVED.replace('units = "50"', "units = 50").replace('["final"]', '"final"')
    edited = edited.replace("unplaced = true", "unplaced = false").replace("[services]", '[services]\nnote = "ours"')
    spec = parse_mapping(edited, "boulevard.toml")
    assert spec.services.injections_by_name()["botox masseter 50 units"][0]["units"] == "50"
    assert spec.sheets["treatments"].where == {"Appointment State": "final"}

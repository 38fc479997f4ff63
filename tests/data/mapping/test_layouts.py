"""Twenty made-up clinics in twelve layouts: each is read as it is, after the questions that it leaves open."""

import pytest

from benchmarks.exports import compare, read_export
from tests.data.clinic_layouts import LAYOUTS, as_csv, make_clinic

CLINICS = range(20)


@pytest.mark.parametrize("clinic", CLINICS)
def test_every_treatment_of_a_clinic_is_read_from_its_layout(tmp_path, clinic):
    layout = LAYOUTS[clinic % len(LAYOUTS)]
    visits = make_clinic(clinic)
    file = tmp_path / f"{layout.__name__}.csv"
    file.write_bytes(as_csv(layout(visits)))
    counted = {
        "visits": len({(visit.client, visit.day) for visit in visits}),
        "areas": sum(len(visit.doses) for visit in visits),
        "units": sum(sum(visit.doses.values()) for visit in visits),
        "clients": len({visit.client for visit in visits}),
    }
    assert compare(read_export(file), counted) == []

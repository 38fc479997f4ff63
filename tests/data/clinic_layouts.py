"""Made-up clinics, and the layouts in which practice software and people keep their treatments."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

GIVEN = ("Ada", "Bea", "Cleo", "Dora", "Eve", "Fay", "Gia", "Hana", "Ivy", "June", "Kim", "Lea", "Mia", "Nora", "Olga")
FAMILY = ("Example", "Sample", "Madeup", "Fiction", "Unreal", "Invented", "Nobody", "Novel", "Story", "Tale")
AREAS = ("Forehead", "Glabella", "Crow's Feet", "Masseter", "Chin", "Bunny Lines", "Lip Flip")
SHORT = ("FH", "GL", "CF", "Masseter", "Chin", "Bunny", "LF")
GERMAN = ("Stirn", "Zornesfalte", "Krähenfüße", "Masseter", "Kinn", "Bunny Lines", "Oberlippe")
SPANISH = ("Frente", "Entrecejo", "Patas de gallo", "Masetero", "Mentón", "Bunny Lines", "Labio superior")
FRENCH = ("Front", "Glabelle", "Pattes d'oie", "Masseter", "Menton", "Bunny Lines", "Lèvre supérieure")
SPANISH_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip

Rows = list[list[str]]


@dataclass(frozen=True)
class Visit:
    """One visit. `doses`: units by the place of the area in AREAS."""

    number: int
    day: date
    client: int
    name: str
    site: str
    injector: str
    product: str
    lot: str
    doses: dict[int, float]


def make_clinic(seed: int, visits: int = 40) -> list[Visit]:
    """Visits of some 20 clients, in the order of their days; one client has one visit a day."""
    rng = Random(seed)
    names = [f"{given} {family}" for given in GIVEN for family in FAMILY]
    clients = dict(zip(rng.sample(range(10_001, 19_999), 20), rng.sample(names, 20), strict=True))
    made, day = [], date(2025, 6, 2)
    for number in range(visits):
        day += timedelta(days=rng.randrange(1, 9))
        client = rng.choice(sorted(clients))
        product = rng.choice(("Botox", "Botox", "Dysport", "Xeomin"))
        areas = rng.sample(range(len(AREAS)), rng.choice((1, 1, 2, 3)))
        made.append(Visit(
            number=50_000 + number, day=day, client=client, name=clients[client], site=rng.choice(("North", "South")),
            injector=rng.choice(("Rita Needle", "Sam Needle")), product=product, lot=f"C{1000 + number // 8}",
            doses={area: rng.choice((4, 6, 8, 10, 12.5, 20)) for area in areas},
        ))  # fmt: skip
    return made


def us(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def with_comma(units: float) -> str:
    return f"{units:g}".replace(".", ",")


def _by_area(visit: Visit) -> list[str]:
    return [f"{visit.doses[at]:g}" if at in visit.doses else "" for at in range(len(AREAS))]


def _each_area(visits: Sequence[Visit], row: Callable[[Visit, int, float], list[str]]) -> Rows:
    return [row(visit, area, units) for visit in visits for area, units in visit.doses.items()]


def wide(visits: Sequence[Visit]) -> Rows:
    """One column per area, holding units."""
    header = ["Date", "Client #", "Product", *AREAS, "Lot", "Injector", "Notes"]
    return [header, *(
        [us(v.day), str(v.client), v.product, *_by_area(v), v.lot, v.injector,
         "happy with result" if v.number % 5 else ""]
        for v in visits
    )]  # fmt: skip


def one_cell(visits: Sequence[Visit]) -> Rows:
    """All areas with their doses in one cell."""
    return [["Date", "Pt #", "Toxin", "Areas treated", "Provider"], *(
        [us(v.day), str(v.client), v.product, ", ".join(f"{SHORT[at]} {units:g}u" for at, units in v.doses.items()),
         v.injector]
        for v in visits
    )]  # fmt: skip


def months(visits: Sequence[Visit]) -> Rows:
    """A heading for each month; date and client only on the first row of a visit."""
    rows, month = [["Date", "Client no", "Product", "Area", "Units"]], ""
    for visit in visits:
        if (title := f"{visit.day:%B %Y}") != month:
            rows.append([month := title])
        for n, (at, units) in enumerate(visit.doses.items()):
            first = [us(visit.day), str(visit.client), visit.product] if not n else ["", "", ""]
            rows.append([*first, AREAS[at], f"{units:g}"])
    return rows


def by_provider(visits: Sequence[Visit]) -> Rows:
    """A heading for each provider, and ditto marks for the lot."""
    rows = [["Visit date", "Chart", "Product", "Area", "Units", "Lot"]]
    for injector in sorted({visit.injector for visit in visits}):
        rows.append([f"Provider: {injector}"])
        lot = None
        for visit in visits:
            for at, units in visit.doses.items() if visit.injector == injector else ():
                rows.append([us(visit.day), str(visit.client), visit.product, AREAS[at], f"{units:g}",
                             '"' if visit.lot == lot else visit.lot])  # fmt: skip
                lot = visit.lot
    return rows


def services(visits: Sequence[Visit]) -> Rows:
    """A row per sold service, with its dose in its name; cancelled visits and other services between them."""
    rows = [["Invoice No", "Scheduled date", "Client ID", "Service", "Status", "Location"]]
    for v in visits:
        for at, units in v.doses.items():
            name = f"{v.product} {SHORT[at]} {units:g} units"
            rows.append([str(v.number), f"{v.day:%Y-%m-%d}", str(v.client), name, "Completed", v.site])
        if v.number % 7 == 0:
            rows.append([str(v.number), f"{v.day:%Y-%m-%d}", str(v.client), "HydraFacial", "Completed", v.site])
        if v.number % 9 == 0:
            cancelled = [f"{v.number}9", f"{v.day:%Y-%m-%d}", str(v.client), f"{v.product} GL 20 units", "Cancelled"]
            rows.append([*cancelled, v.site])
    return rows


def ledger(visits: Sequence[Visit]) -> Rows:
    """An open ledger with a time of day, and names of columns with underscores."""
    header = ["session_id", "client_id", "session_date", "area_name", "units", "product", "lot_number"]
    return [header, *_each_area(visits, lambda v, at, units: [
        str(v.number), str(v.client), f"{v.day}T10:00:00", AREAS[at], f"{units:g}", v.product, v.lot,
    ])]  # fmt: skip


def german(visits: Sequence[Visit]) -> Rows:
    return [["Datum", "Patientennr.", "Behandler", "Präparat", "Charge", "Region", "Einheiten"], *_each_area(
        visits, lambda v, at, units: [
            f"{v.day:%d.%m.%Y}", str(v.client), v.injector, v.product, v.lot, GERMAN[at], with_comma(units),
        ],
    )]  # fmt: skip


def spanish(visits: Sequence[Visit]) -> Rows:
    return [["Fecha", "Nº paciente", "Profesional", "Producto", "Lote", "Zona", "Unidades"], *_each_area(
        visits, lambda v, at, units: [
            f"{v.day.day} de {SPANISH_MONTHS[v.day.month - 1]} de {v.day.year}", str(v.client), v.injector, v.product,
            v.lot, SPANISH[at], with_comma(units),
        ],
    )]  # fmt: skip


def french(visits: Sequence[Visit]) -> Rows:
    return [["Date du traitement", "Nº patient", "Praticien", "Produit", "Zone", "Unités"], *_each_area(
        visits, lambda v, at, units: [
            f"{v.day:%d/%m/%Y}", str(v.client), v.injector, v.product, FRENCH[at], with_comma(units),
        ],
    )]  # fmt: skip


def sides(visits: Sequence[Visit]) -> Rows:
    """Left and right around the eyes in one cell of a column per area."""
    header = ["Tx date", "Client number", "Brand", *SHORT]
    rows = [header]
    for v in visits:
        cells = _by_area(v)
        if 2 in v.doses:
            cells[2] = f"{v.doses[2] / 2:g}/{v.doses[2] / 2:g}"
        rows.append([us(v.day), str(v.client), v.product, *cells])
    return rows


def notes(visits: Sequence[Visit]) -> Rows:
    """An appointment with free text that holds the doses and the lot."""
    header = ["start_at", "Patient ID", "Appointment type", "Practitioner", "Arrived", "Notes"]
    return [header, *(
        [f"{v.day:%Y-%m-%d} 10:30", str(v.client), f"{v.product} - {len(v.doses)} areas", v.injector, "Yes",
         f"{', '.join(f'{AREAS[at]} {units:g}u' for at, units in v.doses.items())}; Lot {v.lot}. Tolerated well."]
        for v in visits
    )]  # fmt: skip


def brackets(visits: Sequence[Visit]) -> Rows:
    """Doses in brackets, with the total in a column of its own."""
    header = ["MRN", "Patient Name", "Visit Date", "Provider", "Facility", "Drug", "Sites", "Total Units"]
    return [header, *(
        [f"MM{v.client}", v.name, us(v.day), v.injector, v.site, v.product,
         "; ".join(f"{AREAS[at]} ({units:g})" for at, units in v.doses.items()), f"{sum(v.doses.values()):g}"]
        for v in visits
    )]  # fmt: skip


LAYOUTS: tuple[Callable[[Sequence[Visit]], Rows], ...] = (
    wide, one_cell, months, by_provider, services, ledger, german, spanish, french, sides, notes, brackets,
)  # fmt: skip


def as_csv(rows: Rows) -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=";" if rows[0][0] == "Datum" else ",").writerows(rows)
    return out.getvalue().encode()

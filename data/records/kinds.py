"""How each kind of record is stored: its type, its table, its natural key, and where its fields are."""

from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, select

from data.records import neutral_records
from models import records

SITE, PRACTITIONER, CLIENT = (r.__table__ for r in (records.Site, records.Practitioner, records.Client))
PRODUCT, LOT, TERM = (r.__table__ for r in (records.Product, records.Lot, records.Term))
TREATMENT, INJECTION = records.Treatment.__table__, records.Injection.__table__
FOLLOW_UP, NOT_ASKED = records.FollowUp.__table__, records.NotAsked.__table__
SIDE_EFFECT, STATUS, REMEDY = records.SideEffect.__table__, records.Status.__table__, records.Remedy.__table__
BATCH, CHANGE = records.ImportBatch.__table__, records.Change.__table__

PRODUCTS, TERMS, LOTS = "products", "terms", "lots"
SITES, PRACTITIONERS, CLIENTS = "sites", "practitioners", "clients"
TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS = "treatments", "follow_ups", "side_effects"
VOCABULARY_KINDS = (PRODUCTS, TERMS)  # a source may bring them before anything uses them

# Each kind after those that it refers to.
TABLES = {
    PRODUCTS: PRODUCT, TERMS: TERM, LOTS: LOT, SITES: SITE, PRACTITIONERS: PRACTITIONER, CLIENTS: CLIENT,
    TREATMENTS: TREATMENT, FOLLOW_UPS: FOLLOW_UP, SIDE_EFFECTS: SIDE_EFFECT,
}  # fmt: skip
PLACES = (SITES, PRACTITIONERS)  # stored as records name them
RECORD_KINDS = tuple(kind for kind in TABLES if kind not in PLACES)  # those that readers return
SOURCE_TABLES = {kind: table for kind, table in TABLES.items() if "source_id" in table.c}  # under the source's own ids


@dataclass(frozen=True, slots=True)
class SiteOrPractitioner:
    code: str
    name: str | None = None


RECORD_TYPES: dict[str, type[Any]] = {
    PRODUCTS: neutral_records.ProductRecord, TERMS: neutral_records.TermRecord, LOTS: neutral_records.LotRecord,
    SITES: SiteOrPractitioner, PRACTITIONERS: SiteOrPractitioner, CLIENTS: neutral_records.ClientRecord,
    TREATMENTS: neutral_records.TreatmentRecord, FOLLOW_UPS: neutral_records.FollowUpRecord,
    SIDE_EFFECTS: neutral_records.SideEffectRecord,
}  # fmt: skip
NATURAL_KEYS = {
    PRODUCTS: attrgetter("code"), TERMS: attrgetter("code"), LOTS: attrgetter("product", "number"),
    SITES: attrgetter("code"), PRACTITIONERS: attrgetter("code"), CLIENTS: attrgetter("key"),
} | dict.fromkeys(SOURCE_TABLES, attrgetter("source_id"))  # fmt: skip
# Record fields that hold the natural key of another record -> its kind. A lot is known by its product and number.
REFERENCES = {
    "client": CLIENTS, "site": SITES, "practitioner": PRACTITIONERS, "treatment": TREATMENTS,
    "touch_up_of": TREATMENTS, "product": PRODUCTS, "lot": LOTS,
}  # fmt: skip

TOPPED_UP = TREATMENT.alias("topped_up")
# The fields of each kind, by name, apart from the parts below.
STATEMENTS: dict[str, Select[Any]] = {
    PRODUCTS: select(PRODUCT),
    TERMS: select(TERM),
    LOTS: select(LOT, PRODUCT.c.code.label("product")).join(PRODUCT),
    SITES: select(SITE),
    PRACTITIONERS: select(PRACTITIONER),
    CLIENTS: select(CLIENT),
    TREATMENTS: select(
        TREATMENT,
        CLIENT.c.key.label("client"),
        SITE.c.code.label("site"),
        PRACTITIONER.c.code.label("practitioner"),
        TOPPED_UP.c.source_id.label("touch_up_of"),
    )
    .join(CLIENT, CLIENT.c.id == TREATMENT.c.client_id)
    .join(SITE, SITE.c.id == TREATMENT.c.site_id)
    .outerjoin(PRACTITIONER, PRACTITIONER.c.id == TREATMENT.c.practitioner_id)
    .outerjoin(TOPPED_UP, TOPPED_UP.c.id == TREATMENT.c.touch_up_of_id),
    FOLLOW_UPS: select(FOLLOW_UP, TREATMENT.c.source_id.label("treatment")).join(TREATMENT),
    SIDE_EFFECTS: select(SIDE_EFFECT, CLIENT.c.key.label("client"), TREATMENT.c.source_id.label("treatment"))
    .join(CLIENT, CLIENT.c.id == SIDE_EFFECT.c.client_id)
    .outerjoin(TREATMENT, TREATMENT.c.id == SIDE_EFFECT.c.treatment_id),
}
# Fields with parts of a record: the column that names the record, and the fields of the parts.
PARTS = {
    "injections": (
        INJECTION.c.treatment_id,
        select(INJECTION, PRODUCT.c.code.label("product"), LOT.c.number.label("lot"))
        .join(PRODUCT, PRODUCT.c.id == INJECTION.c.product_id)
        .outerjoin(LOT, LOT.c.id == INJECTION.c.lot_id),
    ),
    "not_asked": (NOT_ASKED.c.follow_up_id, select(NOT_ASKED)),
    "statuses": (STATUS.c.side_effect_id, select(STATUS, STATUS.c.import_batch_id.label("batch"))),
    "remedies": (REMEDY.c.side_effect_id, select(REMEDY, REMEDY.c.import_batch_id.label("batch"))),
}
PART_TYPES: dict[str, type[Any]] = {  # `not_asked` holds terms
    "injections": neutral_records.InjectionRecord,
    "statuses": neutral_records.StatusRecord,
    "remedies": neutral_records.RemedyRecord,
}

"""Our own template: its sheets, their columns, and how each cell is read."""

from dataclasses import dataclass

from data.schema.column_types import Choice, Code, ColumnType, Identifier, ListOf, Text
from data.schema.date_columns import Day, PartialDate
from data.schema.number_columns import DoseUnits, Integer, Number
from models import codelist, records

SOURCE = "clinic"  # the source of template files that do not name one

SIDES = Choice(records.SIDES)
SEXES = Choice(("female", "male", "other"))
STATES = Choice(records.STATES)
GRADE_WORDS = ("mild", "moderate", "severe")
GRADE_WORDS_SCALE = "mild_moderate_severe"
GRADES = Choice((*GRADE_WORDS, *map(str, records.GRADES)))
YES_NO = Choice(("yes", "no"))
WORD_LISTS = Choice(("product", "side_effect", "area"))
FREE_TEXT = Text(longest=10_000)


@dataclass(frozen=True)
class Column:
    """One column of a sheet. `required`: it must be there and have no empty cell; `for_exports`: nobody fills it in."""

    name: str
    type: ColumnType
    description: str
    required: bool = False
    for_exports: bool = False

    @property
    def heading(self) -> str:
        return self.name.replace("_", " ").capitalize()


@dataclass(frozen=True)
class SheetSchema:
    """One kind of sheet. As CSV it is a file with this name.

    `holds_records`: False for sheets that describe the source and its vocabulary.
    """

    name: str
    title: str
    description: str
    columns: tuple[Column, ...]
    holds_records: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.required)


CLIENT = (
    Column(
        "client",
        Identifier(),
        "The client's number in your practice software; only a pseudonym of it is stored",
    ),
    Column("client_key", Text(), "The pseudonym itself, in place of the client", for_exports=True),
)

TREATMENTS = SheetSchema(
    "treatments",
    "Treatments",
    "One line per treated area. Lines with the same treatment_id are one visit.",
    (
        Column("treatment_id", Text(), "Number of the visit in your practice software; without it, client and day"),
        Column("date", Day(), "Day of the injection", required=True),
        Column("site", Text(), "Short name of the clinic", required=True),
        Column("practitioner", Text(), "Short name of who injected"),
        *CLIENT,
        Column("touch_up_of", Text(), "treatment_id of the visit this one tops up"),
        Column("area", Code(codelist.areas), "Where it was injected", required=True),
        Column("side", SIDES, "Side of the client"),
        Column("product", Code(codelist.products), "What was injected", required=True),
        Column("lot", Identifier(), "Lot number on the vial"),
        Column("expiry", PartialDate(), "Expiry on the vial; a month will do"),
        Column("units", DoseUnits(), "Units of this product in this area"),
        Column("points", Integer(1, 500), "How many points were injected in this area"),
        Column("year_of_birth", Integer(1900, 2100), "The client's year of birth"),
        Column("sex", SEXES, "The client's sex"),
        Column("line", Integer(1, 10_000), "Tells apart lines that are otherwise the same", for_exports=True),
    ),
)

FOLLOW_UPS = SheetSchema(
    "follow_ups",
    "Follow-ups",
    "One line per contact, or attempt at one, after a treatment; also when there was nothing to report.",
    (
        Column("follow_up_id", Text(), "Number of the contact; without it, treatment, day and method"),
        Column("treatment_id", Text(), "The visit it is about; or client and treated_on"),
        *CLIENT,
        Column("treated_on", Day(), "Day of the visit it is about, where there is no treatment_id"),
        Column("date", Day(), "Day of the contact", required=True),
        Column("method", Code(codelist.methods), "How the client was contacted"),
        Column("outcome", Code(codelist.outcomes), "How the contact ended", required=True),
        Column("asked", Code(codelist.how_asked), "Asked by a checklist of side effects, or with an open question"),
        Column("not_asked", ListOf(Code(codelist.side_effects)), "Side effects on the checklist that were left out"),
        Column("score", Number(), "A score of the treated thing"),
        Column("scale", Code(codelist.score_scales), "The scale of the score"),
    ),
)

SIDE_EFFECTS = SheetSchema(
    "side_effects",
    "Side effects",
    "One line per note on a side effect. Lines with the same effect_id are one side effect, seen again later.",
    (
        Column("effect_id", Text(), "Number of the side effect; the same on each later note of it", required=True),
        Column("treatment_id", Text(), "The visit it followed, where the client or the notes say so; else the client"),
        *CLIENT,
        Column("treated_on", Day(), "Day of the visit it followed, where there is no treatment_id"),
        Column("side_effect", Code(codelist.side_effects), "What it was; needed in one line of each effect_id"),
        Column("area", Code(codelist.areas), "The injected area it belongs to, where known"),
        Column("side", SIDES, "Side of the client"),
        Column("words", FREE_TEXT, "In the client's words; no names, email addresses or phone numbers"),
        Column("onset", PartialDate(), "Day it began; a month or year will do"),
        Column("came_to_light", Code(codelist.came_to_light), "How the clinic came to know"),
        Column("serious", ListOf(Code(codelist.serious_reasons)), "What made it serious; empty if nothing did"),
        Column("status_date", Day(), "Day of this note"),
        Column("state", STATES, "Its state on that day"),
        Column("last_day", Day(), "Last day with the side effect, if known"),
        Column("grade", GRADES, "mild, moderate, severe, or a number with its scale"),
        Column("grade_scale", Code(codelist.grade_scales), "The scale of a grade given as a number"),
        Column("status_id", Text(), "Number of the note, where there are two on one day"),
    ),
)

REMEDIES = SheetSchema(
    "remedies",
    "Remedies",
    "One line per remedy advised to, or used by, a client with a side effect.",
    (
        Column("effect_id", Text(), "The side effect it was for", required=True),
        Column("remedy", Code(codelist.remedies), "What was advised or used", required=True),
        Column("kind", Choice(("advised", "used")), "Advised by the clinic (taken if empty), or used by the client"),
        Column("from_date", Day(), "Day it was advised or begun"),
    ),
)

# Sheets of an export: what a source that is not the clinic's own brought along.
ABOUT_SOURCE = SheetSchema(
    "source",
    "Source",
    "One line: where the records of this folder came from.",
    (
        Column("source", Text(), "Name of the source", required=True),
        Column("attribution_days", Integer(0, 36_500), "Longest time after a treatment for an effect; empty: no limit"),
        Column("unplaced", YES_NO, "yes: the source does not say which area was injected"),
    ),
    holds_records=False,
)
SOURCE_VOCABULARY = SheetSchema(
    "own_words",
    "Own words",
    "One line per product, side effect or area in the words of the source's own dictionary.",
    (
        Column("list", WORD_LISTS, "What it names", required=True),
        Column("code", Text(), "The word as given", required=True),
        Column("label", FREE_TEXT, "How it is shown"),
        Column("family", Text(), "The group of a side effect"),
        Column("unit", FREE_TEXT, "The unit of a product"),
        Column("active", YES_NO, "no: a placebo"),
        Column("dictionary", Text(), "The dictionary that the word belongs to", required=True),
    ),
    holds_records=False,
)

SHEETS = (TREATMENTS, FOLLOW_UPS, SIDE_EFFECTS, REMEDIES)
EXPORTED_SHEETS = (*SHEETS, ABOUT_SOURCE, SOURCE_VOCABULARY)


TREATMENT_COLUMNS = slice(TREATMENTS.names.index("touch_up_of") + 1)  # the same in every row of a visit


def grade_of_word(word: str | None) -> tuple[int | None, str | None]:
    """The grade and its scale, from mild, moderate or severe."""
    return (GRADE_WORDS.index(word) + 1, GRADE_WORDS_SCALE) if word else (None, None)


def make_treatment_id(client_key: str, day: object) -> str:
    """The id of a treatment without one of its own: a client's visit on a day."""
    return f"{client_key} {day}"

"""What is hidden in the sample clinic, so that a newcomer can check which of it the pages show."""

from data.sample.clinic import CLOSED_SITE, DOUBLED_PRACTITIONER, NEWCOMER, WORSE_LOT

# As simulated by data/sample/generator.py, which gives the sizes.
HIDDEN_SIGNALS = (
    f"With lot {WORSE_LOT}, every side effect is more common than with the other lots.",
    "Higher doses of Botox Cosmetic in the forehead cause more brow drooping.",
    f"{DOUBLED_PRACTITIONER} has had twice as much nearby-muscle weakness for the last ten months.",
    "Bruising was three times as common in the latest month without a treatment in follow-up.",
    "One client had trouble swallowing. Nobody has reviewed it yet.",
    "Three in ten clients were never reached for a follow-up.",
    f"{CLOSED_SITE} was closed for a month. {NEWCOMER} started five months ago and has few treatments.",
    "No remedy shortens anything, although clients with worse side effects get more advice.",
)

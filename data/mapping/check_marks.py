"""Words and marks for yes and no in a cell, in the languages of the exports."""

CHECK_MARKS = frozenset({
    "x", "xx", "yes", "y", "true", "1", "checked", "ja", "oui", "si", "sí",
    "\N{CHECK MARK}", "\N{HEAVY CHECK MARK}", "\N{BALLOT BOX WITH CHECK}",
})  # fmt: skip
NO_MARKS = frozenset({"no", "n", "false", "0", "unchecked", "\N{BALLOT BOX}", "nein", "non", "none", "-"})

"""How often a law is tried: a few examples, always the same ones; `make quick` fewer, `make fuzz` many and new ones."""

from hypothesis import settings

USUAL = 100  # of a law that does not say


def examples(number: int) -> settings:
    """For a law whose examples take long: so many of the usual hundred, in every profile."""
    return settings(max_examples=max(1, number * settings.default.max_examples // USUAL))

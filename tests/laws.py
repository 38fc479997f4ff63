"""How often a law is tried: a few examples, always the same ones; `make quick` fewer, `make fuzz` many and new ones."""

from hypothesis import settings

USUAL = 100  # the scale of `examples`


def examples(number: int) -> settings:
    """For a law whose examples take long: so many of every hundred that the profile allows."""
    return settings(max_examples=max(1, number * settings.default.max_examples // USUAL))

"""Laws are tried on many examples; how long one takes says how busy the machine is, so it is no reason to fail."""

from hypothesis import settings

settings.register_profile("statistics", deadline=None)
settings.load_profile("statistics")

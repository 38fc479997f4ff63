"""Connect, migrate, insert in bulk, and say what went wrong in plain words."""

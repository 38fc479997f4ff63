"""One clinical question per file."""

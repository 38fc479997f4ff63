"""The measures, one clinical question per file."""

"""Neutral records, their differences from the database, the writer and the change log."""

"""Neutral records, what differs from the database, the writer and the change log."""

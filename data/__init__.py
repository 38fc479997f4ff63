"""Brings records in and counts out."""

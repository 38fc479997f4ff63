"""Brings records in and counts them."""

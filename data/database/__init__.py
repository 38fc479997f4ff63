"""Connects, migrates and inserts in bulk, and turns database errors into plain sentences."""

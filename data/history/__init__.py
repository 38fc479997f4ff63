"""Imports so far: undo, redo, what depends on what."""

"""Past imports: undo, redo, and the records that depend on them."""

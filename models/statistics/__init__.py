"""Numbers in, numbers out, one kind of question per module; docs/methods.md says why, docs/validation.md checks."""

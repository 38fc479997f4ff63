"""Numbers in, numbers out; imports nothing of ours. Each module answers one kind of question."""

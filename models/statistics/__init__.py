"""Numbers in, numbers out; imports nothing of ours. One kind of question per module."""

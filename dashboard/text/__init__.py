"""Words: number formats, labels, and sentences by subject."""

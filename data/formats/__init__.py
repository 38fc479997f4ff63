"""One reader per file format; a module with `recognizes` and `read` is a format."""

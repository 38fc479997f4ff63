"""One reader per file format; a module here with `recognizes` is a format."""

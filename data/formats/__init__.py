"""One reader per file format; a module here with `recognises` is a format."""

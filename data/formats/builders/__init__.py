"""From the rows of a format to records, one module per format; imported when the format is read."""

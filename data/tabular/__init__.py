"""Tables of text, and the workbook formats they come from."""

"""Forms that write: treatments, contacts, corrections, column mapping, the call-list workbook."""

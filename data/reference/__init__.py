"""Published facts as CSV files, each row with its source."""

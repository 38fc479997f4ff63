"""Published facts, each row with its source."""

"""Who decided what about a case, when and why: the steps of a review, and their undo."""

"""What the columns of a foreign export mean: presets, suggestions, questions and answers."""

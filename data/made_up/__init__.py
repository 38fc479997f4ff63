"""The parts of the sample clinic (data/sample.py): facts from CSV, then who came, what was given, what was felt, heard."""

"""The parts of the sample clinic (data/sample.py): its facts, who came, what was given, what was felt and heard."""

"""A file, whatever program wrote it, to tables of text: every cell as a person sees its value, nothing shifted.

CSV and its kin, XLSX, XLSB, XLS and ODS. What a file really is decides, not its name. Nothing is mended in silence:
what was passed over, filled or read by a rule stands in `Table.notices`, what is wrong in `Table.faults`, and a file
that can't be read raises `UnreadableFileError` with a message for the person who sent it.
"""

from data.files.file_reader import name_of, read_tables
from data.tabular.table import Fault, Table, UnreadableFileError, ValueProblem, is_missing

__all__ = ["Fault", "ValueProblem", "Table", "UnreadableFileError", "is_missing", "name_of", "read_tables"]

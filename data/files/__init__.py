"""Any file to tables of text, whatever program wrote it: CSV, XLSX, XLSB, XLS, ODS or JSON, in a sandboxed process."""

from data.files.file_reader import name_of, read_tables
from data.tabular.table import Fault, Table, UnreadableFileError, is_missing

__all__ = ["Fault", "Table", "UnreadableFileError", "is_missing", "name_of", "read_tables"]

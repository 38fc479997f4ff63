"""The empty template as a workbook: filled in, it is read like the CSV files."""

import io

import openpyxl

from data.schema.template import SHEETS
from data.schema.workbook_writer import EXAMPLES, template_workbook
from tests.data.factories import everything, imported, refusal


def workbook() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(template_workbook()))


def filled_in(path):
    """The template with its own examples copied into the sheets to fill in."""
    template = workbook()
    for kind in SHEETS:
        example, sheet = template[f"Example {kind.title}"], template[kind.title]
        columns = {cell.value: number for number, cell in enumerate(sheet[1], start=1)}
        headings = [cell.value for cell in example[1]]
        for row in example.iter_rows(min_row=2):
            for heading, cell in zip(headings, row, strict=True):
                sheet.cell(cell.row, columns[heading]).value = cell.value
    template.save(path)
    return path


def test_the_template_filled_in_gives_the_records_of_its_csv_files(sqlite_engine, tmp_path):
    summary = imported(sqlite_engine, [filled_in(tmp_path / "ours.xlsx")])
    assert (summary.format, summary.rows_stored, summary.notices) == ("template", 14, ())
    before = everything(sqlite_engine)
    assert imported(sqlite_engine, [EXAMPLES]).batch is None
    assert everything(sqlite_engine) == before


def test_a_problem_in_a_workbook_names_its_sheet(sqlite_engine, tmp_path):
    path = filled_in(tmp_path / "ours.xlsx")
    spoilt = openpyxl.load_workbook(path)
    sheet = spoilt["Treatments"]
    area = next(cell.column for cell in sheet[1] if cell.value == "Area")
    sheet.cell(3, area).value = "forhead"
    spoilt.save(path)
    assert refusal(sqlite_engine, [path])[0].startswith(
        'ours.xlsx, sheet Treatments, row 3, column Area: "forhead" is not a code of areas.csv'
    )


def test_the_template_as_it_comes_holds_no_records(sqlite_engine, tmp_path):
    (tmp_path / "empty.xlsx").write_bytes(template_workbook())
    told = refusal(sqlite_engine, [tmp_path / "empty.xlsx"])
    assert told == ["empty.xlsx: the sheets have no rows. Expected: a table with a header row and rows below it."]


def test_a_code_is_chosen_from_a_list(sqlite_engine):
    sheet = workbook()["Treatments"]
    headings = {cell.value: cell.column_letter for cell in sheet[1]}
    lists = {str(v.sqref).split(":")[0].rstrip("0123456789"): v.formula1 for v in sheet.data_validations.dataValidation}
    assert headings["Area"] in lists
    assert headings["Product"] in lists
    codes = workbook()["Codes"]
    column = lists[headings["Product"]].split("$")[1]
    assert "dysport" in [cell.value for cell in codes[column]]


def test_days_are_dates_to_a_spreadsheet_program_and_client_numbers_are_text():
    sheet = workbook()["Treatments"]
    formats = {cell.value: sheet.column_dimensions[cell.column_letter].number_format for cell in sheet[1]}
    assert (formats["Date"], formats["Expiry"], formats["Client"]) == ("yyyy-mm-dd", "@", "@")

"""The process that reads one workbook: run by path, limited before it opens the file, answers in lines of JSON.

It imports nothing of ours and catches little: an error or a panic of the compiled reader (which is no Exception) ends
it with code 1, a sheet that claims too much memory or time ends it with a signal, and nobody else dies.
Its argument is JSON: path, memory, seconds, columns, sheet (a place, or null for the first visible one with rows).
"""

import contextlib
import datetime
import json
import sys

TOP = 40  # merged cells that begin in these lines are reported: headings lie there
MOST_MERGES = 500


def limit(memory, seconds):
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        # Not every system knows every limit (macOS has no address space limit).
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def say(**message):
    sys.stdout.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")) + "\n")


def plain(cell):
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return int(cell)
    if isinstance(cell, datetime.datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, datetime.date):
        return {"date": cell.isoformat()}
    if isinstance(cell, datetime.time):
        return {"time": cell.isoformat()}
    if isinstance(cell, datetime.timedelta):
        return str(cell)
    return cell


class Merges:
    """Merged cells: the value of one that spans lines stands in each of these lines that holds anything else."""

    def __init__(self, areas):
        self.areas = sorted(areas or ())
        self.tall = [area for area in self.areas if area[1][0] > area[0][0]]
        self.next, self.open = 0, {}  # column: (last line, value)

    def near_top(self):
        """(first line from 1, first column from 0, last line, last column)."""
        near = [area for area in self.areas if area[0][0] < TOP]
        return [[top + 1, left, bottom + 1, right] for (top, left), (bottom, right) in near[:MOST_MERGES]]

    def fill(self, line, row):
        """line counts from 0; row is changed in place."""
        while self.next < len(self.tall) and self.tall[self.next][0][0] <= line:
            (top, left), (bottom, _right) = self.tall[self.next]
            self.next += 1
            if top == line and left < len(row) and row[left] != "":
                self.open[left] = (bottom, row[left])
        for column, (bottom, value) in list(self.open.items()):
            if line > bottom:
                del self.open[column]
            elif row and (column >= len(row) or row[column] == ""):
                row.extend([""] * (column + 1 - len(row)))
                row[column] = value


def read(options):
    import python_calamine as calamine

    try:
        workbook = calamine.CalamineWorkbook.from_path(options["path"])
    except calamine.PasswordError:
        return say(end="password")
    sheets = [
        {"place": place, "name": sheet.name, "is_visible": sheet.visible == calamine.SheetVisibleEnum.Visible}
        for place, sheet in enumerate(workbook.sheets_metadata)
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    place, sheet = chosen(workbook, sheets, options["sheet"])
    if sheet is None:
        return say(end="empty" if any(one["is_visible"] for one in sheets) else "hidden")
    merges = Merges(sheet.merged_cell_ranges)
    say(sheets=sheets, sheet=place, merges=merges.near_top(), merged=len(merges.areas))
    return rows(sheet, merges, options["columns"])


def chosen(workbook, sheets, wanted):
    """(place, sheet) of the wanted sheet, else of the first visible one that has rows. Notes how many each has."""
    found = (None, None)
    for one in sheets:
        sheet = workbook.get_sheet_by_index(one["place"])
        one["rows"] = sheet.end[0] + 1 if sheet.end is not None else 0
        is_it = one["place"] == wanted if wanted is not None else one["is_visible"] and one["rows"]
        if is_it and found[1] is None:
            found = (one["place"], sheet)
    return found


def rows(sheet, merges, columns):
    if sheet.start is None:
        return say(end="done")
    left = [""] * sheet.start[1]
    for line, row in enumerate(sheet.iter_rows()):
        row = left + row
        while row and row[-1] == "":
            row.pop()
        if row:
            merges.fill(line, row)
        if len(row) > columns:
            return say(end="columns", line=line + 1, columns=len(row))
        if row:
            say(line=line + 1, row=[plain(cell) for cell in row])
    return say(end="done")


def main():
    options = json.loads(sys.argv[1])
    sys.stdout.reconfigure(encoding="utf-8")
    limit(options["memory"], options["seconds"])
    try:
        read(options)
    except MemoryError:
        say(end="memory")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

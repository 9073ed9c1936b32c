"""The process that reads one workbook: run by path, limited before it opens the file, answers in lines of JSON.

It imports nothing of ours and catches little: an error or a panic of the compiled reader (which is no Exception) ends
it with code 1, a sheet that claims too much memory or time ends it with a signal, and nobody else dies.
Its argument is JSON: path, memory, seconds, columns, sheet (a place, or null for the first visible one with rows),
split (bytes: a larger sheet of an .xlsx is read in pieces) and piece (their size).
"""

import contextlib
import datetime
import itertools
import json
import re
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parent))  # at the end, so that none of our modules hides one of Python's

import orjson
from sheet_pieces import Parts, Strings, Unsplittable, small, split

TOP = 40  # merged cells that begin in these lines are reported: headings lie there
MOST_MERGES = 500
ROWS = 100  # in one line of the answer
NUMBERED = re.compile(rb'<row\b[^>]*?\br="(\d+)"')


def limit(memory, seconds):
    try:
        import resource
    except ImportError:  # not on Windows
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_CORE, 0)):
        # Not every system knows every limit (macOS has no address space limit).
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


HALF_A_SECOND = datetime.timedelta(milliseconds=500)


def say(**message):
    sys.stdout.buffer.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))


def plain(cell):
    if type(cell) is float:
        return int(cell) if cell.is_integer() and -1e15 < cell < 1e15 else cell
    if isinstance(cell, datetime.datetime):
        whole = (cell + HALF_A_SECOND).replace(microsecond=0)  # a fraction of a day never meets a second quite
        return {"datetime": whole.isoformat()}
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
            elif column >= len(row) or row[column] == "":
                row.extend([""] * (column + 1 - len(row)))
                row[column] = value


class Answer:
    """Says rows, many at a time. `add` gives False when the sheet is too wide; all is said then."""

    def __init__(self, merges, columns):
        self.merges, self.columns, self.rows = merges, columns, []

    def add(self, line, row):
        while row and row[-1] == "":
            row.pop()
        if row:
            if self.merges.tall:
                self.merges.fill(line, row)
            if len(row) > self.columns:
                self.flush()
                say(end="columns", line=line + 1, columns=len(row))
                return False
            self.rows.append((line + 1, [cell if type(cell) is str else plain(cell) for cell in row]))
            if len(self.rows) == ROWS:
                self.flush()
        return True

    def flush(self):
        if self.rows:
            say(rows=self.rows)
            self.rows = []


# -- a workbook as a whole ---------------------------------------------------------------------------------------------
def read(options):
    import python_calamine as calamine

    parts = None
    with contextlib.suppress(Unsplittable):
        parts = Parts(options["path"], options["piece"])
        if parts.largest() > options["split"]:
            return read_split(parts, options)
    try:
        # By content: given a path, the reader would believe the ending of the name.
        with open(options["path"], "rb") as file:
            workbook = calamine.CalamineWorkbook.from_filelike(file)
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
    part = parts and parts.sheets[place][0]
    say(sheets=sheets, sheet=place, part=part, merges=merges.near_top(), merged=len(merges.areas))
    answer = Answer(merges, options["columns"])
    left = [""] * sheet.start[1] if sheet.start else []
    for line, row in enumerate(sheet.iter_rows() if sheet.start else ()):
        if not answer.add(line, left + row):
            return None
    answer.flush()
    return say(end="done")


def chosen(workbook, sheets, wanted):
    """(place, sheet) of the wanted sheet, else of the first visible one that has rows. Notes how many each has."""
    found = (None, None)
    for one in sheets:
        sheet = workbook.get_sheet_by_index(one["place"])
        one["rows"] = sheet.end[0] + 1 if sheet.end is not None else 0
        if found[1] is None and is_wanted(one, wanted):
            found = (one["place"], sheet)
    return found


def is_wanted(one, wanted):
    return one["place"] == wanted if wanted is not None else one["is_visible"] and one["rows"]


# -- a large .xlsx in pieces -------------------------------------------------------------------------------------------
def read_split(parts, options):
    """As `read`, in constant memory but for the shared strings. Raises Unsplittable before it answers anything."""
    found = list(parts.listed())
    sheets = [one for one, _areas in found]
    place, areas = next(
        ((one["place"], areas) for one, areas in found if is_wanted(one, options["sheet"])), (None, None)
    )
    if place is None:
        return say(end="empty" if any(one["is_visible"] for one in sheets) else "hidden")
    name = parts.sheets[place][0]
    pieces = split(parts, name)
    piece, merges = next(pieces), Merges(areas)
    say(sheets=sheets, sheet=place, part=name, merges=merges.near_top(), merged=len(areas))
    try:
        return say_pieces(parts, place, itertools.chain([piece], pieces), Answer(merges, options["columns"]))
    except Unsplittable:  # too late to begin again
        return say(end="broken")


def say_pieces(parts, place, pieces, answer):
    name, strings, line = parts.sheets[place][0], Strings(parts), 0
    for piece in pieces:
        sheet = small(parts, name, strings, piece).get_sheet_by_index(place)
        if sheet.start is not None:
            # Rows without a number go on where the last piece ended.
            line = sheet.start[0] + (0 if NUMBERED.search(piece[-4000:]) else line)
            left = [""] * sheet.start[1]
            for row in sheet.to_python():
                if not answer.add(line, left + row):
                    return
                line += 1
    answer.flush()
    say(end="done")


def main():
    options = json.loads(sys.argv[1])
    limit(options["memory"], options["seconds"])
    try:
        read(options)
    except MemoryError:
        say(end="memory")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()

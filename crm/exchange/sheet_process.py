"""The process that reads one workbook: run by path, limited before it opens the file, answers in lines of JSON.

It imports nothing of ours and catches little: an error or a panic of the compiled reader (which is no Exception) ends
it with code 1, a sheet that claims too much memory or time ends it with a signal, and nobody else dies.
"""

import contextlib
import datetime
import json
import sys


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


def read(path, columns):
    import python_calamine

    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
    except python_calamine.PasswordError:
        return say(end="password")
    sheets = [
        index
        for index, sheet in enumerate(workbook.sheets_metadata)
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible
        and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    for sheet in map(workbook.get_sheet_by_index, sheets):
        if sheet.start is not None:
            return rows(sheet, columns)
    return say(end="empty")


def rows(sheet, columns):
    for line, row in enumerate(sheet.iter_rows(), 1):
        while row and row[-1] == "":
            row.pop()
        if len(row) > columns:
            return say(end="columns", line=line, columns=len(row))
        if row:
            say(line=line, row=[plain(cell) for cell in row])
    return say(end="done")


def main():
    path, memory, seconds, columns = sys.argv[1], *map(int, sys.argv[2:5])
    sys.stdout.reconfigure(encoding="utf-8")
    limit(memory, seconds)
    try:
        read(path, columns)
    except MemoryError:
        say(end="memory")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

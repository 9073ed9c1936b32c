"""What a person is told about a file: one line that the tests compare."""

from crm.exchange import UnreadableFile, read_table
from crm.exchange.inspecting import view_of

DELIMITERS = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar"}


def told(path) -> str:
    """Kind, encoding, delimiter, quotes, headings, rows, what is left out, and the notes of the page."""
    try:
        with read_table(path) as table:
            view, rows = view_of(table, path.name), list(table.rows)
    except UnreadableFile as error:
        return f"REFUSED {error}"
    used, words = view.used, [view.kind.value]
    if view.encoding:
        words.append(view.encoding.name + ("" if view.encoding.is_sure else "?"))
    if used.delimiter:
        words.append(DELIMITERS[used.delimiter])
    if used.quote not in (None, "double"):
        words.append(used.quote)
    if len(view.sheets) > 1:
        words.append(f"sheet {used.sheet + 1} of {len(view.sheets)}")
    widest = max((len(values) for _line, values in rows), default=0)
    words.append(f"head {','.join(map(str, view.head.lines)) or 'none'}")
    words.append(f"{len(rows)} x {len(view.headings)}" + (f" ({widest})" if widest > len(view.headings) else ""))
    words += [f"{why} {line}" for line, why in table.left_out]
    return " · ".join([" ".join(words), " ".join(filter(None, view.headings))[:24], *view.notes])

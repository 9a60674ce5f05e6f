"""Lists of names in one text, as tag boxes, exports and imports have them: `a, b` and `"a, b", c`.

Curly quotation marks hold a name together as straight ones do: `“a, b”, c`.
"""

import re
from collections.abc import Iterable

from crud.parsing.text import clean_line

# Commas and semicolons of all keyboards, and line breaks, which pasted lists bring.
SEPARATORS = ",，、;；\r\n"
CURLY = "“”„‟«»＂"  # as word processors and telephones write quotation marks, in pairs of any two
NAME = re.compile(
    rf'\s*(?:"((?:[^"]|"")*)"\s*|[{CURLY}]([^{CURLY}]*)[{CURLY}]\s*|([^{SEPARATORS}]*))[{SEPARATORS}]'
)
NEEDS_QUOTES = re.compile(f'["{CURLY}{SEPARATORS}]')


def split_names(text: str) -> list[str]:
    """Return the names in a text, as static/js/record-form.js reads them too."""
    parts = NAME.findall(text + ",")
    names = [clean_line(quoted.replace('""', '"') or curly or bare) for quoted, curly, bare in parts]
    return [name for name in names if name]


def join_names(names: Iterable[str]) -> str:
    """Return the names as one text, each with a separator in it in quotation marks."""
    return ", ".join(
        '"' + name.replace('"', '""') + '"' if NEEDS_QUOTES.search(name) else name for name in names
    )

#!/usr/bin/env python3
"""Fetch what browsers are sent of others' work, and write static/vendor/README.md.

Run it after changing a version below; it needs npm (`npm pack`: nothing is installed or run).
The files are committed, so neither users nor tests need npm or a network.
"""

import hashlib
import re
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

TABLER = "@tabler/core@1.6.1"
# file we ship: (package, file in it, licence, licence text, why we ship it)
# fmt: off
FILES = {
    "tabler.min.css": (TABLER, "dist/css/tabler.min.css", "MIT", "tabler.txt", "how everything looks: layout, forms, tables, dark mode; Bootstrap is inside (bootstrap.txt)"),
    "htmx.min.js": ("htmx.org@2.0.11", "dist/htmx.min.js", "0BSD", "htmx.txt", "parts of pages replaced without loading the whole"),
    "chart.umd.min.js": ("chart.js@4.6.1", "dist/chart.umd.min.js", "MIT", "chart.txt", "the charts; @kurkle/color is inside (color.txt)"),
    "sortable.min.js": ("sortablejs@1.15.7", "Sortable.min.js", "MIT", "sortable.txt", "stages and categories put in order by dragging"),
}
# fmt: on
# licence text: (package, file in it). @tabler/core has none: tabler.txt is kept by hand, from the head of its files.
LICENCES = {
    "bootstrap.txt": ("bootstrap@5.3.8", "LICENSE"),
    "htmx.txt": ("htmx.org@2.0.11", "LICENSE"),
    "chart.txt": ("chart.js@4.6.1", "LICENSE.md"),
    "color.txt": ("@kurkle/color@0.3.2", "LICENSE.md"),
    "sortable.txt": ("sortablejs@1.15.7", "LICENSE"),
}
README = """# Others' work that browsers are sent

Made by `tools/vendor.py` from npm packages; change versions there, not files here. `tests/contract/test_vendor.py` holds this
table and the files together. Each package's licence is in `licences/`.

| file | npm package | version | licence | sha256 | why |
| --- | --- | --- | --- | --- | --- |
{rows}

Changed against the packages, hence the sums of what is here:

- The last line of each file that names its source map is gone: we do not ship the maps.
- `licences/tabler.txt` was written from the notice at the head of Tabler's files; the package has no licence file.

None of them loads anything from another host: no fonts, no `@import`, pictures only as `data:`.
"""


@cache
def files_of(package):
    """The files of an npm package, by path."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).iterdir())) as archive:
            members = [member for member in archive if member.isfile()]
            return {
                member.name.partition("/")[2]: archive.extractfile(member).read().decode(errors="replace")
                for member in members
            }


def without_source_map(text):
    return re.sub(r"\s*(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", "", text).strip() + "\n"


def main():
    (VENDOR / "licences").mkdir(parents=True, exist_ok=True)
    for name, (package, path) in LICENCES.items():
        (VENDOR / "licences" / name).write_text(files_of(package)[path].strip() + "\n")
    rows = []
    for name, (package, path, licence, _text, why) in FILES.items():
        content = without_source_map(files_of(package)[path])
        (VENDOR / name).write_text(content)
        package, _, version = package.rpartition("@")
        checksum = hashlib.sha256(content.encode()).hexdigest()
        rows.append(f"| `{name}` | `{package}` | {version} | {licence} | `{checksum}` | {why} |")
    (VENDOR / "README.md").write_text(README.format(rows="\n".join(rows)))


if __name__ == "__main__":
    main()

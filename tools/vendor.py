#!/usr/bin/env python3
"""Download the third-party files served to browsers, and write static/vendor/README.md.

Run it after changing a version below. It needs npm (`npm pack`: nothing is installed or run) and, in a virtual
environment of its own, `pip install --constraint tools/requirements.txt brotli fonttools`. The files are committed,
so neither users nor tests need any of these, or a network.
"""

import hashlib
import io
import re
import subprocess
import tarfile
import tempfile
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

VENDOR = Path(__file__).resolve().parent.parent / "static" / "vendor"

INTER = "inter-ui@4.1.1"
# The font is subset to the weights, letters and features in use: 21 of 352 KB.
AXES = {"wght": (400, 600), "opsz": 14}
FEATURES = ["ccmp", "locl", "tnum"]
LETTERS = [
    *range(0x20, 0x7F),  # Basic Latin
    *range(0xA0, 0x180),  # Latin-1 and Latin Extended-A: the languages of Europe and America
    *range(0x218, 0x21C),
    *map(ord, "‐‑‒–—―‘’‚“”„•…‰‹›€←↑→↓−≈≠≤≥"),
]
# file we ship: (package, file in it, license, license text, why we ship it)
# fmt: off
FILES = {
    "inter.woff2": (INTER, "variable/InterVariable.woff2", "OFL-1.1", "inter.txt", "the typeface, in weights 400 to 600"),
    "htmx.min.js": ("htmx.org@2.0.11", "dist/htmx.min.js", "0BSD", "htmx.txt", "replaces parts of a page without loading all of it"),
    "chart.umd.min.js": ("chart.js@4.6.1", "dist/chart.umd.min.js", "MIT", "chart.txt", "the charts; @kurkle/color is inside (color.txt)"),
    "sortable.min.js": ("sortablejs@1.15.7", "Sortable.min.js", "MIT", "sortable.txt", "stages and categories are put in order by dragging"),
}
# fmt: on
# license text: (package, file in it)
LICENSES = {
    "inter.txt": (INTER, "LICENSE.txt"),
    "htmx.txt": ("htmx.org@2.0.11", "LICENSE"),
    "chart.txt": ("chart.js@4.6.1", "LICENSE.md"),
    "color.txt": ("@kurkle/color@0.3.2", "LICENSE.md"),
    "sortable.txt": ("sortablejs@1.15.7", "LICENSE"),
}
README = """# Third-party files that browsers are served

Made by `tools/vendor.py` from npm packages; change versions there, not files here. `tests/contract/test_vendor.py` keeps this
table and the files in step. Each package's license is in `licenses/`.

| file | npm package | version | license | sha256 | why |
| --- | --- | --- | --- | --- | --- |
{rows}

Changed against the packages, hence the checksums of what is here:

- The last line of each script, which names its source map, is removed: the maps are not shipped.
- The typeface is reduced to the weights, letters and features that pages use (`AXES`, `LETTERS`, `FEATURES`).

None of them loads anything from another host.
"""


@cache
def package_files(package):
    """Return the files of an npm package, {path: bytes}."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", package]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        with tarfile.open(next(Path(folder).iterdir())) as archive:
            members = [member for member in archive if member.isfile()]
            return {member.name.partition("/")[2]: archive.extractfile(member).read() for member in members}


def without_source_map(script):
    text = script.decode()
    return (re.sub(r"\s*//# sourceMappingURL=\S+\s*$", "", text).strip() + "\n").encode()


def reduced_font(font):
    """Return a variable font as WOFF2, subset to the weights, letters and features in use."""
    options = subset.Options(flavor="woff2", layout_features=FEATURES, hinting=False, recalc_timestamp=False)
    limited = io.BytesIO()
    instancer.instantiateVariableFont(TTFont(io.BytesIO(font)), AXES).save(limited)
    variable = TTFont(limited)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(variable)
    result = io.BytesIO()
    subset.save_font(variable, result, options)
    return result.getvalue()


def main():
    (VENDOR / "licenses").mkdir(parents=True, exist_ok=True)
    for name, (package, path) in LICENSES.items():
        (VENDOR / "licenses" / name).write_text(package_files(package)[path].decode().strip() + "\n")
    rows = []
    for name, (package, path, license_id, _text, why) in FILES.items():
        reduce = reduced_font if name.endswith(".woff2") else without_source_map
        content = reduce(package_files(package)[path])
        (VENDOR / name).write_bytes(content)
        package, _, version = package.rpartition("@")
        checksum = hashlib.sha256(content).hexdigest()
        rows.append(f"| `{name}` | `{package}` | {version} | {license_id} | `{checksum}` | {why} |")
    (VENDOR / "README.md").write_text(README.format(rows="\n".join(rows)))


if __name__ == "__main__":
    main()

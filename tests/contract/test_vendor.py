"""The served third-party files match static/vendor/README.md."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
ROW = re.compile(r"^\| `(?P<file>[^`]+)` \| `.+` \| .+ \| .+ \| `(?P<sum>[0-9a-f]{64})` \|", re.MULTILINE)


def read_listed_files():
    return {row["file"]: row["sum"] for row in ROW.finditer((VENDOR / "README.md").read_text())}


def test_every_file_is_listed_with_its_checksum():
    shipped = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.iterdir()
        if path.is_file() and path.name != "README.md"
    }
    assert shipped == read_listed_files()


def test_scripts_name_no_source_map():
    for name in read_listed_files():
        if name.endswith(".js"):
            assert "sourceMappingURL" not in (VENDOR / name).read_text(), name


def test_our_stylesheet_loads_nothing_from_elsewhere():
    text = (VENDOR.parent / "css" / "socius.css").read_text()
    urls = {url for url in re.findall(r"""url\(["']?([^"')]+)""", text) if not url.startswith("data:")}
    assert "@import" not in text
    assert urls == {"../vendor/inter.woff2"}

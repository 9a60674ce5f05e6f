#!/usr/bin/env python3
"""Write common_passwords.txt.gz: the most common passwords of the minimum length.

From three lists, whose licenses allow it: Django's (BSD), zxcvbn-ts' (MIT, measured in leaked passwords) and
popular-passwords (MIT, to which zxcvbn's dictionary words belong: a single word is guessed early, too).
Run it after changing a version; it needs npm (`npm pack`: nothing is installed or run).
"""

import gzip
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from django.contrib.auth import password_validation

ROOT = Path(__file__).resolve().parent.parent
SHORTEST = 10  # the minimum length of a password
PACKAGES = {
    "@zxcvbn-ts/language-common@4.1.3": "package/src/passwords.json",
    "popular-passwords@1.0.3": "package/data.json",
}


def djangos():
    path = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
    return gzip.open(path, "rt").read().split()


def read_packed_file(package, member):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            ["npm", "pack", "--silent", package], cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            return json.load(archive.extractfile(member))


def main():
    all_items = djangos() + [word for package in PACKAGES.items() for word in read_packed_file(*package)]
    words = sorted({word.lower() for word in all_items if len(word) >= SHORTEST})
    text = "\n".join(words) + "\n"
    # No timestamp, so that the file is reproducible.
    (ROOT / "workspaces" / "accounts" / "passwords" / "common_passwords.txt.gz").write_bytes(
        gzip.compress(text.encode(), mtime=0)
    )
    print(f"{len(words)} passwords")


if __name__ == "__main__":
    sys.exit(main())

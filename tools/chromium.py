"""Chromium for the tests, the benchmark and the screenshots, through Playwright."""

import shutil

# The headless shell has the same engine, and takes a third less CPU time.
PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
ARGUMENTS = [
    "--no-sandbox",  # unavailable to root, and unnecessary: only our own pages are opened
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def launch(playwright):
    """Launch the system's Chromium, or else Playwright's."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return playwright.chromium.launch(executable_path=program, args=ARGUMENTS)

"""Chromium for the tests, the benchmark and the screenshots, through Playwright."""

import shutil

# The shell is the same engine without windows, and takes a third less of the processor.
PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"]
ARGUMENTS = [
    "--no-sandbox",  # root cannot be shut in it, and need not be: it is our own pages that are seen
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

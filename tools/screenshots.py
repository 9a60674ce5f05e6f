#!/usr/bin/env python3
"""screenshots.py [page …]: take screenshots of the demo on a temporary server and database.

Without a page: those of the README, into docs/. With pages, to look at after a change: each of them wide
and narrow, light and dark, into var/screenshots. A page is an address inside the workspace, as
crm/opportunities/?q=open.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from chromium import launch
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
# name: (page, size, color scheme, index of the expanded row)
README = {
    "opportunities": ("crm/opportunities/?q=open", "wide", "light", 2),
    "opportunities-dark": ("crm/opportunities/?q=open", "wide", "dark", 2),
    "opportunities-phone": ("crm/opportunities/?q=open", "narrow", "light", 2),
    "dashboard": ("crm/", "wide", "light", None),
    "dashboard-dark": ("crm/", "wide", "dark", None),
    "dashboard-phone": ("crm/", "narrow", "dark", None),
    "graphs": ("recurring/graphs/", "wide", "light", None),
}


def manage(*command, **options):
    return subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, check=True, text=True, **options)


@contextmanager
def demo():
    """Yield the URL of a demo server and the admin's email and password."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        os.environ["DATABASE_URL"] = f"sqlite:///{folder}/socius.sqlite3"
        manage("migrate", "--verbosity", "0")
        sign_ins = manage("demo", "--if-empty", "--show-sign-ins", stdout=subprocess.PIPE).stdout
        admin = next(line.split() for line in sign_ins.splitlines() if line.startswith("admin "))
        address = f"127.0.0.1:{free.getsockname()[1]}"
        free.close()
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", address, "socius.wsgi"],
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(address)
            yield f"http://{address}/", admin[-2], admin[-1]
        finally:
            server.terminate()
            server.wait()


def wait_for(address):
    host, port = address.split(":")
    for _attempt in range(100):
        try:
            return socket.create_connection((host, int(port))).close()
        except ConnectionRefusedError:
            time.sleep(0.1)
    sys.exit("The server did not start.")


def sign_in(page, address, email, password):
    """Sign in on `page`. Return the URL of the workspace that it opens."""
    page.goto(address)
    page.fill("[name=login]", email)
    page.fill("[name=password]", password)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/w/*/**")
    slug = page.url.removeprefix(address).split("/")[1]
    return f"{address}w/{slug}/"


def pictures_to_take(pages):
    """Return {file: (page, size, scheme, row)} of the screenshots to take."""
    if not pages:
        return {ROOT / "docs" / f"{name}.png": picture for name, picture in README.items()}
    folder = ROOT / "var" / "screenshots"
    return {
        folder / f"{'-'.join(filter(None, path.replace('?', '/').split('/')))}-{size}-{scheme}.png": (
            path,
            size,
            scheme,
            None,
        )
        for path in pages
        for size in SIZES
        for scheme in ("light", "dark")
    }


def take(browser, state, workspace, file, path, size, scheme, row):
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        storage_state=state,
    )
    answer = page.goto(workspace + path, wait_until="networkidle")
    if row:
        page.locator(".plus").nth(row - 1).click()
        page.locator(".expansion").wait_for()
        page.locator("h1").click()
    file.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=file, full_page=file.parent.name == "screenshots")
    print(answer.status, file.relative_to(ROOT))
    page.close()


def main():
    with demo() as (address, email, password), sync_playwright() as playwright:
        browser = launch(playwright)
        first = browser.new_page()
        workspace = sign_in(first, address, email, password)
        state = first.context.storage_state()
        for file, picture in pictures_to_take(sys.argv[1:]).items():
            take(browser, state, workspace, file, *picture)
        browser.close()


if __name__ == "__main__":
    main()

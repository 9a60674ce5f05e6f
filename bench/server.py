"""The measured server, and a measuring client with one signed-in keep-alive connection."""

import contextlib
import gzip
import http.client
import re
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings

from .scales import EMAIL, PASSWORD

WORKERS = 2  # with four threads each: gunicorn.conf.py


class Server:
    """Gunicorn, configured as in production."""

    def __init__(self, port, log):
        self.address, self.log = f"127.0.0.1:{port}", log

    def __enter__(self):
        command = [sys.executable, "-m", "gunicorn", "--bind", self.address, "--workers", str(WORKERS)]
        self.process = subprocess.Popen(
            [*command, "socius.wsgi"], cwd=settings.BASE_DIR, stdout=self.log, stderr=self.log
        )
        for _attempt in range(300):
            with contextlib.suppress(OSError, http.client.HTTPException):
                if Client(self.address).get("/readyz").status == 200:
                    return self
            time.sleep(0.1)
        sys.exit(f"The server did not start: see {self.log.name}")

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()

    @property
    def workers(self):
        """Return the process ids of the workers."""
        main = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()]

    def memory(self):
        """Return the memory of each worker, in MB."""
        results = []
        for pid in self.workers:
            status = Path(f"/proc/{pid}/status").read_text()
            results.append(int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024)
        return results


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


@dataclass
class TimedResponse:
    """A response with its time in milliseconds and the cost that the meter reported."""

    status: int
    headers: dict
    packed: bytes
    ms: float

    @property
    def body(self):
        is_packed = self.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(self.packed) if is_packed else self.packed).decode()

    def cost(self, pattern):
        results = re.search(pattern, self.headers.get("Server-Timing", ""))
        return float(results[1]) if results else None

    @property
    def queries(self):
        return self.cost(r'sql;.*desc="(\d+)"')

    @property
    def sql(self):
        return self.cost(r"sql;dur=([\d.]+)")

    @property
    def cpu(self):
        return self.cost(r"cpu;dur=([\d.]+)")


class Client:
    """HTTP client with one connection and its cookies."""

    def __init__(self, address, cookies=()):
        self.address, self.cookies = address, dict(cookies)
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def ask(self, method, path, body=None, **headers):
        headers |= {"Accept-Encoding": "gzip", "Host": self.address}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        begun = time.perf_counter()
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionError):  # the keep-alive connection expired
            self.connection.close()
            begun = time.perf_counter()
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        packed = response.read()
        ms = (time.perf_counter() - begun) * 1000
        for value in response.headers.get_all("Set-Cookie", []):
            name, _, rest = value.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return TimedResponse(response.status, dict(response.headers), packed, ms)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, values):
        return self.ask("POST", path, urlencode(values, doseq=True))

    def sign_in(self):
        page = self.get("/accounts/login/")
        values = Form.of(page.body, "/accounts/login/") | {"login": EMAIL, "password": PASSWORD}
        answer = self.post("/accounts/login/", values)
        if answer.status != 302:
            sys.exit(f"Nobody could sign in: {answer.status}")
        return self

    def save(self, path, **changes):
        """Open a form, change a field and submit it. Return the response."""
        values = Form.of(self.get(path).body, path) | changes
        return self.post(path, values)


class Form(HTMLParser):
    """Parses the unchanged data of the form with the given action."""

    def __init__(self, action):
        super().__init__()
        self.action, self.is_inside = action, False
        self.values, self.name = {}, None

    @classmethod
    def of(cls, body, action):
        parser = cls(action)
        parser.feed(body)
        return parser.values

    def add(self, name, value):
        self.values.setdefault(name, []).append(value or "")

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.is_inside = attrs.get("method") == "post" and attrs.get("action", self.action) == self.action
        if not self.is_inside:
            return
        if tag == "input" and attrs.get("name"):
            if attrs.get("type") not in ("checkbox", "radio") or "checked" in attrs:
                self.add(attrs["name"], attrs.get("value"))
        elif tag in ("select", "textarea"):
            self.name = attrs.get("name")
            if tag == "textarea":
                self.add(self.name, "")
        elif tag == "option" and "selected" in attrs:
            self.add(self.name, attrs.get("value"))

    def handle_data(self, data):
        if self.is_inside and self.lasttag == "textarea" and self.name in self.values:
            self.values[self.name] = [data.removeprefix("\n")]

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_inside = False
        if tag == "textarea":
            self.lasttag = ""

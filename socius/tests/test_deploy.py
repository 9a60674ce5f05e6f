"""What is shipped in deploy/ agrees with the program, and a backup comes back whole."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from crm.models import Company
from socius.headers import HEADERS
from socius.tests.served import beside, database_url, served

FOLDER = settings.BASE_DIR / "deploy"


def read(name):
    return (FOLDER / name).read_text()


def test_nginx_says_the_same_to_browsers_as_we_do():
    """It does for its own answers, and for ours only what we did not."""
    variables = dict(re.findall(r"add_header (\S+) \$(\w+) always;", read("headers.conf")))
    values = {
        name: (said, value)
        for said, name, value in re.findall(
            r'map \$upstream_http_(\w+) \$(\w+) \{ "" "?(.*?)"?; \}\n', read("nginx.conf")
        )
    }
    hsts = "max-age=31536000"
    wanted = HEADERS | {"Strict-Transport-Security": hsts, "X-Request-ID": "$request_id"}
    assert {name: values[variable][1] for name, variable in variables.items()} == wanted
    for name, variable in variables.items():
        assert values[variable][0] == name.lower().replace("-", "_")


def pieces_of_nginx(folder, server, port):
    """The shipped configuration, with other ports and files, for a user that may be anybody."""
    conf = read("nginx.conf").replace("crm.example.org", "localhost")
    conf = re.sub(r"listen (\[::\]:)?80;", "", conf).replace("listen 443", f"listen 127.0.0.1:{port}")
    conf = re.sub(r"listen \[::\]:443.*\n", "", conf)
    conf = conf.replace("unix:/run/socius/socius.sock", f"127.0.0.1:{server.port}")
    conf = re.sub(r"server \{\s+server_name localhost;.*?\n\}\n", "", conf, count=1, flags=re.DOTALL)
    conf = re.sub(r"brotli_static.*\n", "", conf).replace("/var/log/nginx", str(folder))
    conf = conf.replace("/etc/ssl/socius", str(folder)).replace("/etc/nginx/snippets/socius-", f"{FOLDER}/")
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    return f"{user} daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ {paths}\n{conf} }}"


@contextmanager
def nginx(folder, server):
    """nginx as it is shipped, on a port that is not 443; the port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    subject = ["-subj", "/CN=localhost", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject],
        capture_output=True,
        check=True,
    )
    (folder / "nginx.conf").write_text(pieces_of_nginx(folder, server, port))
    environment = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    command = ["nginx", "-e", "stderr", "-p", folder, "-c", folder / "nginx.conf"]
    log = folder / "nginx.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stderr=output)
    try:
        for _attempt in range(100):
            assert process.poll() is None, log.read_text()
            with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port))):
                break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(10)


@pytest.mark.skipif(
    not (shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")) or not shutil.which("openssl"),
    reason="there is no nginx",
)
@pytest.mark.django_db(transaction=True)
def test_forms_work_behind_nginx_on_another_port_than_443(workspace, tmp_path):
    behind = {"TRUSTED_PROXIES": "1", "ALLOWED_HOSTS": "localhost", "LOGS": "json"}
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with served(tmp_path, database_url(tmp_path), **behind) as server, nginx(tmp_path, server) as port:

        def ask(method, body=None, **headers):
            browser = http.client.HTTPSConnection("localhost", port, context=trusting, timeout=60)
            with closing(browser):
                browser.request(method, "/accounts/login/", body, headers)
                answer = browser.getresponse()
                return answer, answer.read().decode()

        answer, page = ask("GET")
        assert answer.status == 200
        assert answer.getheader("Strict-Transport-Security") == "max-age=31536000"
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
        sent = urlencode({"login": "a@b.example", "password": "x", "csrfmiddlewaretoken": token})
        headers = {
            "Cookie": answer.getheader("Set-Cookie").partition(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert ask("POST", sent, Origin=f"https://localhost:{port}", **headers)[0].status == 200
        assert ask("POST", sent, Origin="https://localhost", **headers)[0].status == 403
        refusals = [line for line in server.log().splitlines() if "socius.csrf" in line]
    assert len(refusals) == 1
    assert "Origin checking failed" in refusals[0] and "Host $http_host" in refusals[0]
    assert "TRUSTED_PROXIES" in refusals[0] and "https://localhost" not in refusals[0]


def test_a_backup_without_pg_dump_is_one_sentence(tmp_path):
    url = "postgres://me@127.0.0.1:1/socius"
    program = (
        "import sys; sys.path.insert(0, 'deploy'); import contents; "
        "contents.program('pg_dump', {'NAME': 'x'}, '--version')"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr == "There is no program pg_dump. On Debian: apt-get install postgresql-client\n"


def test_the_images_are_made_as_the_readme_says():
    readme, dockerfile = read("README.md"), read("Dockerfile")
    installed = set(
        " ".join(re.findall(r"apt-get install \S*(?: --no-install-recommends)? (.*)", readme)).split()
    )
    installed.add("postgresql-client")  # which postgresql brings along
    for packages in re.findall(r"apt-get install --yes --no-install-recommends (.*?) &&", dockerfile):
        assert set(packages.split()) <= installed
    for step in (
        "adduser --system --group --home /srv/socius --no-create-home socius",
        "python3 -m venv .venv",
    ):
        assert step in readme and step in dockerfile
    for line in (readme, dockerfile):
        assert "--require-hashes -r requirements.lock" in line


def test_images_are_named_with_their_version():
    images = re.findall(r"^FROM (\S+)", read("Dockerfile"), re.MULTILINE)
    images += re.findall(r"^ +image: (\S+)", read("compose.yaml"), re.MULTILINE)
    assert len(images) == 4
    for image in images:
        assert re.fullmatch(r"[a-z]+:\d+\.\d+-[a-z]+", image), image


def test_every_file_that_is_spoken_of_is_there():
    spoken_of = set(re.findall(r"deploy/([\w-]+\.\w+)", read("README.md") + read("Dockerfile")))
    spoken_of |= set(re.findall(r"\./([\w-]+\.(?:sql|sh)):", read("compose.yaml")))
    assert len(spoken_of) > 8
    assert [name for name in spoken_of if not (FOLDER / name).exists()] == []


def run(program, *arguments, **environment):
    return subprocess.run(
        [sys.executable, FOLDER / program, *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )


def empty_database(folder, name):
    """The address of one to restore into."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{folder}/{name}.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    return beside(name)


@pytest.mark.skipif(
    not shutil.which("pg_dump") and connection.vendor == "postgresql", reason="there is no pg_dump"
)
@pytest.mark.django_db(transaction=True)
def test_a_backup_comes_back_whole_and_one_that_lacks_a_row_is_told(workspace, tmp_path):
    Company.objects.create(name="Kept")
    # The throw-away cluster's superuser stands for the backup's role: both see every workspace's rows.
    url = database_url(tmp_path)
    everybody = url.replace("//socius@", "//postgres@")
    made = run("backup.py", tmp_path / "backups", "--keep", "1", DATABASE_URL=url, BACKUP_URL=everybody)
    assert made.returncode == 0, made.stderr
    (backup,) = (tmp_path / "backups").iterdir()
    assert (backup / "secret_key").stat().st_mode & 0o777 == 0o600

    into = empty_database(tmp_path, "restored")
    back = run("restore.py", backup, RESTORE_URL=into, BACKUP_URL=everybody)
    assert (back.returncode, back.stdout[:21]) == (0, "Restored and compared"), back.stderr
    again = run("restore.py", backup, RESTORE_URL=into, BACKUP_URL=everybody)
    assert again.returncode == 1 and "already" in again.stderr

    lose_a_company(backup)
    lacking = run("restore.py", backup, RESTORE_URL=empty_database(tmp_path, "lacking"), BACKUP_URL=everybody)
    assert lacking.returncode == 1
    assert "Not as it was backed up" in lacking.stderr and "crm_company" in lacking.stderr


def lose_a_company(backup):
    """In what is said of the backup, which is a file that nobody can edit."""
    held = json.loads((backup / "contents.json").read_text())
    held["crm_company" if connection.vendor == "sqlite" else "public.crm_company"][0] += 1
    (backup / "contents.json").write_text(json.dumps(held))

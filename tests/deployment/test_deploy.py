"""What is shipped in deploy/ agrees with the program, and a backup comes back whole."""

import http.client
import itertools
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlencode

import environ
import psycopg2
import pytest
from django.conf import settings
from django.db import connection
from django.db.backends.sqlite3.base import DatabaseWrapper

from crm.models import Company, LossReason, Source
from socius.middleware.security_headers import HEADERS
from tests.support.server import beside, database_url, served

FOLDER = settings.BASE_DIR / "deploy"


def read(name):
    return (FOLDER / name).read_text()


def test_nginx_says_the_same_to_browsers_as_we_do():
    """It does for its own answers, and for ours only what we did not."""
    variables = dict(re.findall(r"add_header (\S+) \$(\w+) always;", read("headers.conf")))
    values = {
        name: (messages_said, value)
        for messages_said, name, value in re.findall(
            r'map \$upstream_http_(\w+) \$(\w+) \{ "" "?(.*?)"?; \}\n', read("nginx.conf")
        )
    }
    hsts = "max-age=31536000"
    expected = HEADERS | {"Strict-Transport-Security": hsts, "X-Request-ID": "$request_id"}
    assert {name: values[variable][1] for name, variable in variables.items()} == expected
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
        sent_data = urlencode({"login": "a@b.example", "password": "x", "csrfmiddlewaretoken": token})
        headers = {
            "Cookie": answer.getheader("Set-Cookie").partition(";")[0],
            "Content-Type": "application/x-www-form-urlencoded",
        }
        assert ask("POST", sent_data, Origin=f"https://localhost:{port}", **headers)[0].status == 200
        assert ask("POST", sent_data, Origin="https://localhost", **headers)[0].status == 403
        refusals = [line for line in server.log().splitlines() if "socius.csrf" in line]
    assert len(refusals) == 1
    assert "Origin checking failed" in refusals[0] and "Host $http_host" in refusals[0]
    assert "TRUSTED_PROXIES" in refusals[0] and "https://localhost" not in refusals[0]


def test_a_backup_without_pg_dump_is_one_sentence(tmp_path):
    url = "postgres://me@127.0.0.1:1/socius"
    program = (
        "import sys; sys.path.insert(0, 'deploy'); import contents; "
        "contents.run_postgresql_program('pg_dump', {'NAME': 'x'}, '--version')"
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


NO_PG_DUMP = not shutil.which("pg_dump") and connection.vendor == "postgresql"
needs_pg_dump = pytest.mark.skipif(NO_PG_DUMP, reason="there is no pg_dump")


class Backups:
    """backup.py and restore.py on the test's database, as an operator runs them."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0
        self.url = database_url(folder)
        # The throw-away cluster's superuser stands for the backup's role: both see every workspace's rows.
        self.everybody = self.as_everybody(self.url)

    @staticmethod
    def as_everybody(url):
        return url.replace("//socius@", "//postgres@")

    def make(self):
        self.count += 1
        into = self.folder / f"backups-{self.count}"
        created = run("backup.py", into, "--keep", "1", DATABASE_URL=self.url, BACKUP_URL=self.everybody)
        assert created.returncode == 0, created.stderr
        (backup,) = into.iterdir()
        return backup

    def restore(self, backup, into=None):
        """(what restore.py came to, the address of the database it restored into)."""
        self.count += 1
        into = into or empty_database(self.folder, f"restored_{self.count}")
        return run("restore.py", backup, RESTORE_URL=into, BACKUP_URL=self.everybody), into


@needs_pg_dump
@pytest.mark.django_db(transaction=True)
def test_a_backup_comes_back_whole_and_into_an_empty_database_only(workspace, tmp_path):
    Company.objects.create(name="Kept")
    backups = Backups(tmp_path)
    backup = backups.make()
    assert (backup / "secret_key").stat().st_mode & 0o777 == 0o600

    back, into = backups.restore(backup)
    assert (back.returncode, back.stdout[:21]) == (0, "Restored and compared"), back.stderr
    second_answer, _ = backups.restore(backup, into)
    assert second_answer.returncode == 1 and "already" in second_answer.stderr


def connect(url):
    """A connection past the application, with the functions that triggers of its tables call."""
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        wrapper = DatabaseWrapper({**connection.settings_dict, "NAME": path}, "default")
        wrapper.ensure_connection()
        wrapper.connection.isolation_level = "IMMEDIATE"
        return wrapper.connection
    return psycopg2.connect(**superuser(url), dbname=url.rpartition("/")[2])


def superuser(url):
    """Where the throw-away cluster is, and its superuser."""
    return {"host": environ.Env.db_url_config(url)["HOST"], "user": "postgres"}


def execute(url, statements):
    """Run SQL as somebody who tampers with a backup would."""
    with closing(connect(url)) as other_item, other_item:
        for statement in filter(None, statements):
            other_item.cursor().execute(statement)


# Changes of a backup: (on SQLite, on PostgreSQL, the name that restore.py reports).
TAMPERINGS = {
    "a lost row": ("DELETE FROM crm_source",) * 2 + ("crm_source",),
    "a changed name": ("UPDATE crm_company SET name = 'Keps'",) * 2 + ("crm_company",),
    "a trigger": (
        "DROP TRIGGER wall_crm_company_update",
        "DROP TRIGGER {trigger} ON crm_company",
        "trigger",
    ),
    "a policy": (None, "DROP POLICY wall ON crm_company", "policy crm_company.wall"),
    "row security": (None, "ALTER TABLE crm_company NO FORCE ROW LEVEL SECURITY", "row security crm_company"),
    "an index": ("DROP INDEX company_live_by_name",) * 2 + ("index company_live_by_name",),
    "a constraint": (
        None,
        "ALTER TABLE crm_company DROP CONSTRAINT wall_crm_company_contact_type_id",
        "constraint crm_company.wall_crm_company_contact_type_id",
    ),
    "a sequence": (
        "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'crm_company'",
        "SELECT setval(pg_get_serial_sequence('crm_company', 'id'), 1)",
        "sequence",
    ),
}


@needs_pg_dump
@pytest.mark.django_db(transaction=True)
def test_what_was_changed_in_a_backup_is_named_when_it_is_restored(workspace, tmp_path):
    for number in range(3):
        Company.objects.create(name=f"Kept {number}")
    backups = Backups(tmp_path)
    backup = backups.make()
    changes = {
        subject: (on_sqlite if connection.vendor == "sqlite" else on_postgresql, named_items)
        for subject, (on_sqlite, on_postgresql, named_items) in TAMPERINGS.items()
    }
    # Sequences are looked at before all else.
    for sample in (changes.keys() - {"a sequence"}, {"a sequence"}):
        answer = restore_tampered(backups, backup, [changes[subject][0] for subject in sample])
        assert "Not as it was backed up" in answer
        assert [
            subject for subject in sample if changes[subject][0] and changes[subject][1] not in answer
        ] == []


def restore_tampered(backups, backup, statements):
    """Return the output of restore.py for a copy of the backup in which the statements were executed."""
    tampered = backups.folder / f"tampered-{backups.count}"
    shutil.copytree(backup, tampered)
    if connection.vendor == "sqlite":
        execute(f"sqlite:///{tampered}/socius.sqlite3", statements)
    else:
        _, url = backups.restore(backup)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = 'crm_company'::regclass AND NOT tgisinternal"
            )
            trigger = cursor.fetchone()[0]
        execute(url, [text and text.format(trigger=f'"{trigger}"') for text in statements])
        where = superuser(url)
        subprocess.run(
            [
                "pg_dump",
                f"--host={where['host']}",
                f"--username={where['user']}",
                "--format=custom",
                f"--file={tampered}/socius.dump",
                url.rpartition("/")[2],
            ],
            check=True,
        )
    listed = json.loads((tampered / "contents.json").read_text())
    del listed["file"]  # else the file itself would be refused
    (tampered / "contents.json").write_text(json.dumps(listed))
    back, _ = backups.restore(tampered)
    assert back.returncode == 1
    return back.stderr


@needs_pg_dump
@pytest.mark.django_db(transaction=True)
def test_a_backup_with_overwritten_pages_is_not_taken_for_restored(workspace, tmp_path):
    Company.objects.bulk_create(Company(name=f"Kept {number}") for number in range(300))
    backups = Backups(tmp_path)
    backup = backups.make()
    file = next(path for path in backup.iterdir() if path.name in ("socius.sqlite3", "socius.dump"))
    whole = file.read_bytes()
    for place in (0.3, 0.5, 0.7):
        start = int(len(whole) * place) // 4096 * 4096
        file.write_bytes(whole[:start] + b"\xa5" * 4096 + whole[start + 4096 :])
        back, _ = backups.restore(backup)
        assert back.returncode != 0 and "damaged" in back.stderr, place


@needs_pg_dump
@pytest.mark.security
@pytest.mark.django_db(transaction=True)
def test_a_backup_made_while_people_write_is_of_one_moment(workspace, tmp_path, reach):
    """Two tables get a row each in one transaction: no backup may hold one without the other."""
    backups, stop = Backups(tmp_path), threading.Event()
    writer = threading.Thread(target=write_pairs, args=(backups.url, stop))
    writer.start()
    try:
        for _round in range(reach(2, 20)):
            back, url = backups.restore(backups.make())
            assert back.returncode == 0, back.stderr
            sources, reasons = counted_pairs(url)
            assert sources == reasons
            drop(url)
        assert sources > 0
    finally:
        stop.set()
        writer.join()


PAIRED = (Source, LossReason)


def copy_of_a_row(model, number):
    """INSERT of another row like the first, under a name of its own."""
    own_value = {"name": f"'Pair {number}'", "name_key": f"'pair {number}'", "submission": "NULL"}
    columns = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = ", ".join(own_value.get(name, f'"{name}"') for name in columns)
    table, names = model._meta.db_table, ", ".join(f'"{name}"' for name in columns)
    return f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" ORDER BY id LIMIT 1'  # noqa: S608


def write_pairs(url, stop):
    """Insert a source and a loss reason in each transaction until told to stop."""
    with closing(connect(url)) as other_item:
        cursor = other_item.cursor()
        for number in itertools.count():
            for model in PAIRED:
                cursor.execute(copy_of_a_row(model, number))
            other_item.commit()
            if stop.wait(0.005):
                return


def counted_pairs(url):
    with closing(connect(url)) as other_item:
        cursor, counts = other_item.cursor(), []
        for model in PAIRED:
            cursor.execute(f"SELECT count(*) FROM {model._meta.db_table} WHERE name LIKE 'Pair %'")  # noqa: S608
            counts += cursor.fetchone()
    return counts


def drop(url):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{url.rpartition("/")[2]}"')


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="the same on PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_a_backup_of_an_earlier_version_is_compared_by_its_numbers_of_rows(workspace, tmp_path):
    backups = Backups(tmp_path)
    backup = backups.make()
    contents = json.loads((backup / "contents.json").read_text())
    earlier = {name: numbers[:1] for name, numbers in contents["tables"].items()}
    (backup / "contents.json").write_text(json.dumps(earlier))
    assert backups.restore(backup)[0].returncode == 0
    earlier["crm_company"] = [7]
    (backup / "contents.json").write_text(json.dumps(earlier))
    assert "crm_company" in backups.restore(backup)[0].stderr

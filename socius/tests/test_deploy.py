"""What is shipped in deploy/ agrees with the program, and a backup comes back whole."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from crm.models import Company
from socius.headers import HEADERS
from socius.tests.served import beside, database_url

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

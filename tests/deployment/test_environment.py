"""A setting that is written, in the environment or in `.env`, is obeyed, or stops the start by a sentence."""

import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from socius.environment import SETTINGS

SECRET = "planted9secret"
KEY = "0123456789abcdefghijklmnopqrstuvwxyz"
START = [sys.executable, "-c", "import socius.settings"]
GUNICORN = [sys.executable, "-m", "gunicorn", "--check-config", "socius.wsgi"]
CHECK = [sys.executable, "manage.py", "check"]
POSTGRES = f"postgres://me:{SECRET}@db.example:5432/socius"
# Root reads everything by these, and tests of permissions are run as root, too.
WITHOUT_PRIVILEGES = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.getuid() == 0 else []


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the program, whose `.env` may be written."""
    folder = tmp_path_factory.mktemp("copy")
    for package in ("crud", "workspaces", "crm", "recurring", "socius"):
        ignored = shutil.ignore_patterns("tests", "__pycache__")
        shutil.copytree(settings.BASE_DIR / package, folder / package, ignore=ignored)
    for name in ("static", "templates"):
        (folder / name).symlink_to(settings.BASE_DIR / name)
    for name in ("manage.py", "gunicorn.conf.py"):
        shutil.copy(settings.BASE_DIR / name, folder / name)
    return folder


def run(command, folder=settings.BASE_DIR, **environment):
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "LOGS"))}
    return subprocess.run(
        command, cwd=folder, env={**clean, **environment}, capture_output=True, text=True, timeout=120
    )


def start(copy, content, command=START, **environment):
    (copy / ".env").write_bytes(content if isinstance(content, bytes) else content.encode())
    return run(command, copy, **environment)


def is_one_sentence(result):
    """Return True if the start was stopped by one line, and without a word of the value."""
    output = result.stdout + result.stderr
    return result.returncode not in (0, -9) and output.count("\n") == 1 and SECRET not in output


LINES = {
    "no equals sign": ("DEBUG=false\nSECRET_KEY {secret}", 2, "cannot be understood"),
    "a blank in the name": ("SECRET KEY={secret}", 1, "cannot be understood"),
    "a bracket": ("[database]", 1, "cannot be understood"),
    "NUL": ("SECRET_KEY={secret}\0x", 1, "cannot be understood"),
    "a quotation mark is left open": ("SECRET_KEY='{secret}\nDEBUG=false", 1, "must end with the quotation"),
    "words after the quotation": ('SECRET_KEY="{secret}" more', 1, "must end with the quotation"),
    "set twice": ("SIGN_UP=open\n\nSIGN_UP=closed", 3, "already set in line 1"),
    "misspelled": ("DATABSE_URL=postgres://me:{secret}@x/y", 1, "did you mean DATABASE_URL?"),
    "misspelled more": ("TRUSTED_PROXY=1", 1, "did you mean TRUSTED_PROXIES?"),
    "in lower case": ("debug=true", 1, "did you mean DEBUG?"),
    "unknown": ("COLOR={secret}", 1, "no setting COLOR."),
    "no value": ("DATABASE_URL=", 1, "has no value"),
    "a value of blanks": ('DATABASE_URL="  "', 1, "has no value"),
    "a comment behind the value": ("SECRET_KEY={secret} # mine", 1, "a comment needs a line of its own"),
    "Latin-1": ("DEBUG=false\nSECRET_KEY={secret}ü".encode("latin-1"), 2, "not UTF-8"),
    "UTF-16": ("SECRET_KEY={secret}".encode("utf-16"), 1, "not UTF-8"),
}


@pytest.mark.parametrize("name", LINES)
def test_a_line_that_is_not_understood_stops_the_start(copy, name):
    content, line, sentence = LINES[name]
    marker = "{secret}"
    content = content.replace(marker, SECRET) if isinstance(content, str) else content
    result = start(copy, content)
    assert is_one_sentence(result), result
    assert f"{copy}/.env, line {line}: " in result.stderr and sentence in result.stderr


@pytest.mark.parametrize("command", [START, CHECK, GUNICORN], ids=["settings", "a command", "the server"])
def test_a_file_without_permission_stops_every_start(copy, command):
    (copy / ".env").write_text(f"SECRET_KEY={SECRET}\n")
    (copy / ".env").chmod(0)
    try:
        result = run([*WITHOUT_PRIVILEGES, *command], copy)
    finally:
        (copy / ".env").unlink()
    assert is_one_sentence(result), result
    assert result.stderr == f"{copy}/.env cannot be read: Permission denied.\n"


@pytest.mark.parametrize("kind", ["folder", "dangling link", "loop of links"])
def test_what_is_no_file_stops_the_start(copy, kind):
    path = copy / ".env"
    path.unlink(missing_ok=True)
    if kind == "folder":
        path.mkdir()
    else:
        path.symlink_to("nowhere" if kind == "dangling link" else ".env")
    try:
        result = run(START, copy)
    finally:
        path.rmdir() if kind == "folder" else path.unlink()
    assert is_one_sentence(result) and f"{path} cannot be read: " in result.stderr, result


UNDERSTOOD = {
    "a byte order mark": b"\xef\xbb\xbfSIGN_UP=closed\n",
    "Windows line ends": b"# one\r\nSIGN_UP=closed\r\n",
    "export": "export SIGN_UP=closed",
    "blanks": "  SIGN_UP = closed  ",
    "single quotation marks": "SIGN_UP='closed'",
    "double quotation marks": 'SIGN_UP="closed"',
    "no line end": "SIGN_UP=closed",
    "of other programs": "PGSSLMODE=require\nhttps_proxy=http://proxy:1\nSIGN_UP=closed\n",
}


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_what_is_understood_is_obeyed(copy, name):
    command = [sys.executable, "-c", "import socius.settings as read; print(read.SIGN_UP)"]
    assert start(copy, UNDERSTOOD[name], command).stdout == "closed\n"


def test_the_environment_goes_before_the_file(copy):
    command = [sys.executable, "-c", "import socius.settings as read; print(read.SIGN_UP)"]
    assert start(copy, "SIGN_UP=closed", command, SIGN_UP="invited").stdout == "invited\n"


def test_values_in_quotation_marks_are_whole(copy):
    command = [sys.executable, "-c", "import socius.settings as read; print(read.SECRET_KEY)"]
    assert start(copy, rf'SECRET_KEY="{KEY} # \"x\" $y"', command).stdout == f'{KEY} # "x" $y\n'
    assert start(copy, rf"SECRET_KEY='{KEY} # \ $y'", command).stdout == rf"{KEY} # \ $y" + "\n"
    assert start(copy, f"SECRET_KEY=${KEY}#it's", command).stdout == f"${KEY}#it's\n"


REFUSED = {
    "ALLOWED_HOSTS": [
        "a.example b.example",
        "https://a.example",
        "a.example:8000",
        "a.example/crm",
        "*.a.example",
        "a.example.",
        "münchen.example",
        "a_b.example",
        ",",
        "1.2.3.4.5",
        "[::x]",
    ],
    "TRUSTED_PROXIES": ["-1", "1000", "one", "1.0", "１", "true", "+1"],
    "WEB_CONCURRENCY": ["auto", "0", "-1", "2.5", "100000"],
    "PORT": ["0", "-1", "70000", "http", "80 80"],
    "HOST": ["http://a.example", "a b", "a.example:80", "1.2.3", "a,b"],
    "BIND": ["8000", "unix:", "a.example", "::1:80", ":8000", "/run/socket"],
    "CACHE_URL": ["foo://x", "memcache://127.0.0.1:11211", "rediscache://", "redis.example:6379"],
    "EMAIL_URL": [
        "smtp://",
        "imap://x",
        "mail.example",
        f"smtp://me:{SECRET}@x:port",
        f"smtp+tls://me:{SECRET}@x?EMAIL_USE_TLS=false",
        f"smtp://me:{SECRET}#x@mail.example",
    ],
    "DEBUG": ["ture", "2", "none"],
    "SIGN_UP": ["close", "true"],
    "LOGS": ["yaml"],
    "DEFAULT_FROM_EMAIL": ["Socius", "a@b@c.example", "Socius <crm@>", "a@x.example, b@x.example", "<>"],
    "SECRET_KEY": ["short", "x" * 64, "django-insecure-" + KEY, "change-me-" + KEY],
    "FASTPATH": ["maybe"],
    "HSTS_PRELOAD": ["maybe"],
    "DATABASE_URL": [
        f"mysql://me:{SECRET}@x/y",
        f"postgres://me:{SECRET}@x",
        f"postgres://me:{SECRET}#1@x/y",
        f"postgres://me:{SECRET}@x:port/y",
        f"{POSTGRES}?DISABLE_SERVER_SIDE_CURSORS=sometimes",
        f"prometheus_sqlite:////tmp/{SECRET}",
        "sqlite://tmp/x.sqlite3",
        "sqlite:///",
        "/var/lib/socius.sqlite3",
    ],
    "COMMANDS_URL": ["nowhere"],
    "BACKUP_URL": ["nowhere"],
    "RESTORE_URL": ["nowhere"],
}
# Values that are refused by a sentence of their own.
IMPOSSIBLE = {
    f"{POSTGRES}?sslmod=require": "a parameter that PostgreSQL's client does not know",
    f"{POSTGRES}?ATOMIC_REQUESTS=true": "cannot set ATOMIC_REQUESTS",
    "sqlite:////tmp/x.sqlite3?timeout=5": "takes no parameters",
}
VALUES = [(name, value) for name, values in REFUSED.items() for value in values]


@pytest.mark.parametrize(("name", "value"), VALUES)
def test_a_value_that_cannot_be_obeyed_is_refused(name, value):
    parse, _requirement = SETTINGS[name]
    with pytest.raises(ValueError):
        parse(value)


@pytest.mark.parametrize("name", REFUSED)
def test_a_value_that_is_refused_stops_the_start(name):
    result = run(START, **{name: REFUSED[name][0]})
    assert is_one_sentence(result), result
    assert result.stderr.startswith(f"{name} must be ")


@pytest.mark.parametrize("url", IMPOSSIBLE)
def test_a_parameter_that_cannot_be_obeyed_stops_the_start(url):
    result = run(START, DATABASE_URL=url)
    assert is_one_sentence(result) and IMPOSSIBLE[url] in result.stderr, result


@pytest.mark.parametrize("command", [CHECK, GUNICORN], ids=["a command", "the server"])
@pytest.mark.parametrize("name", ["TRUSTED_PROXIES", "ALLOWED_HOSTS", "DATABASE_URL"])
def test_commands_and_the_server_are_stopped_alike(command, name):
    result = run(command, **{name: REFUSED[name][0]})
    assert is_one_sentence(result) and result.stderr.startswith(f"{name} must be "), result


def test_the_number_of_workers_in_the_file_stops_the_server(copy):
    """In the environment gunicorn itself refuses it, before it reads its configuration."""
    result = start(copy, "WEB_CONCURRENCY=auto", GUNICORN)
    assert is_one_sentence(result) and result.stderr.startswith("WEB_CONCURRENCY must be "), result


@pytest.mark.parametrize("name", ["DATABSE_URL", "ALLOWED_HOST", "TRUSTED_PROXIE", "EMAIL_URI"])
def test_a_misspelled_name_in_the_environment_stops_the_start(name):
    result = run(START, **{name: SECRET})
    assert is_one_sentence(result) and "did you mean" in result.stderr, result


CURSORS = "DISABLE_SERVER_SIDE_CURSORS"
HOSTS = "a.example, .b.example,10.0.0.5,::1,*"
REDIS = "django.core.cache.backends.redis.RedisCache"
# (what is looked at, the setting, its value, what is seen)
OBEYED = [
    ("ALLOWED_HOSTS", "ALLOWED_HOSTS", HOSTS, "['a.example', '.b.example', '10.0.0.5', '[::1]', '*']"),
    ("TRUSTED_PROXIES", "TRUSTED_PROXIES", "2", "2"),
    ("EMAIL_PORT", "EMAIL_URL", "smtp+tls://me:x@mail.example", "587"),
    ("EMAIL_USE_TLS", "EMAIL_URL", "smtp+tls://me:x@mail.example", "True"),
    ("EMAIL_PORT", "EMAIL_URL", "smtp://mail.example:2525", "2525"),
    (
        "DEFAULT_FROM_EMAIL",
        "DEFAULT_FROM_EMAIL",
        "Müller & Co. <crm@a.example>",
        "Müller & Co. <crm@a.example>",
    ),
    ("DEFAULT_FROM_EMAIL", "DEFAULT_FROM_EMAIL", "crm@a.example", "crm@a.example"),
    (f"DATABASES['default']['{CURSORS}']", "DATABASE_URL", f"{POSTGRES}?{CURSORS}=false", "False"),
    ("DATABASES['default']['CONN_MAX_AGE']", "DATABASE_URL", f"{POSTGRES}?CONN_MAX_AGE=5", "5"),
    (
        "DATABASES['default']['OPTIONS']",
        "DATABASE_URL",
        f"{POSTGRES}?sslmode=require",
        "{'sslmode': 'require'}",
    ),
    ("CACHES['default']['BACKEND']", "CACHE_URL", "rediscache://127.0.0.1:1/0", REDIS),
]


@pytest.mark.parametrize(("expression", "name", "value", "expected"), OBEYED)
def test_a_value_that_is_right_is_obeyed(expression, name, value, expected):
    command = [sys.executable, "-c", f"import socius.settings as read; print(read.{expression})"]
    result = run(command, **{name: value})
    assert (result.stdout, result.stderr) == (f"{expected}\n", "")


def test_mail_by_smtps_is_encrypted_from_the_start():
    """As Django opens the connection: STARTTLS on such a port would wait for a greeting that never comes."""
    code = (
        "import django; django.setup(); from django.core.mail import get_connection; "
        "backend = get_connection(); print(backend.connection_class.__name__, backend.use_tls, backend.port)"
    )
    environment = {"EMAIL_URL": "smtps://mail.example", "DJANGO_SETTINGS_MODULE": "socius.settings"}
    assert run([sys.executable, "-c", code], **environment).stdout == "SMTP_SSL False 465\n"


def test_hsts_covers_subdomains_and_preloading_only_if_the_operator_says_so():
    code = (
        "import socius.settings as read; print(read.SECURE_HSTS_SECONDS > 0,"
        " read.SECURE_HSTS_INCLUDE_SUBDOMAINS, read.SECURE_HSTS_PRELOAD)"
    )
    command = [sys.executable, "-c", code]
    subdomains, preload = {"HSTS_INCLUDE_SUBDOMAINS": "true"}, {"HSTS_PRELOAD": "true"}
    https = {"TRUSTED_PROXIES": "1"}
    assert run(command, **https).stdout == "True False False\n"
    assert run(command, **https, **subdomains).stdout == "True True False\n"
    assert run(command, **https, **subdomains, **preload).stdout == "True True True\n"
    assert is_one_sentence(run(command, **https, **preload))
    assert is_one_sentence(run(command, **subdomains))


def test_a_path_in_front_of_all_pages_stops_the_start():
    for command in (START, GUNICORN):
        result = run(command, SCRIPT_NAME="/crm")
        assert is_one_sentence(result) and "SCRIPT_NAME" in result.stderr, result


def test_a_key_file_that_cannot_be_used_stops_the_start(copy):
    (copy / ".env").unlink(missing_ok=True)
    path = copy / "var" / "secret_key"
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    assert is_one_sentence(run(START, copy))
    path.unlink()
    path.parent.chmod(0o500)
    try:
        result = run([*WITHOUT_PRIVILEGES, *START], copy)
        assert is_one_sentence(result) and "Permission denied" in result.stderr, result
    finally:
        path.parent.chmod(0o700)
    assert run(START, copy).returncode == 0 and path.stat().st_mode & 0o777 == 0o600


def test_every_setting_is_documented():
    documents = (settings.BASE_DIR / ".env.example").read_text()
    documents += (settings.BASE_DIR / "deploy" / "README.md").read_text()
    assert [name for name in SETTINGS if f"{name}=" not in documents] == []

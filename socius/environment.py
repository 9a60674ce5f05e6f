"""Settings from the environment and `.env`. An invalid setting prevents the start.

An error names the setting or the line, never its value: it may be a password.
"""

import difflib
import os
import re
import sys

from . import setting_types as types

DATABASE_EXAMPLE = "a URL like postgres://user:password@host:5432/name or sqlite:////path/to/file"
# {setting: (parser, description of valid values)}
SETTINGS = {
    "ALLOWED_HOSTS": (
        types.host_names,
        "host names without scheme, port or path, with commas: crm.example.org,10.0.0.5",
    ),
    "BACKUP_URL": (types.parse_database_url, DATABASE_EXAMPLE),
    "BIND": (types.bind_addresses, "an address like 127.0.0.1:8000 or unix:/path/of/socket"),
    "CACHE_URL": (types.cache, "a URL like rediscache://host:6379/0"),
    "COMMANDS_URL": (types.parse_database_url, DATABASE_EXAMPLE),
    "DATABASE_URL": (types.parse_database_url, DATABASE_EXAMPLE),
    "DEBUG": (types.boolean, "true or false"),
    "DEFAULT_FROM_EMAIL": (types.mailbox, "an email address like Socius <crm@example.org>"),
    "EMAIL_URL": (
        types.email,
        "a URL like smtp+tls://user:password@host:587, or smtps:// for TLS from the start",
    ),
    "FASTPATH": (types.boolean, "true or false"),
    "HOST": (types.host, "one host name or IP address"),
    "HSTS_INCLUDE_SUBDOMAINS": (types.boolean, "true or false"),
    "HSTS_PRELOAD": (types.boolean, "true or false"),
    "LOGS": (types.one_of("json", "text"), "json or text"),
    "PORT": (types.integer_between(1, 65535), "a number from 1 to 65535"),
    "RESTORE_URL": (types.parse_database_url, DATABASE_EXAMPLE),
    "SECRET_KEY": (types.secret_key, "at least 32 random characters"),
    "SIGN_UP": (types.one_of("open", "invited", "closed"), "open, invited or closed"),
    "TRUSTED_PROXIES": (
        types.integer_between(0, 10),
        "the number of proxies in front of Socius, from 0 to 10",
    ),
    "WEB_CONCURRENCY": (types.integer_between(1, 256), "the number of worker processes, from 1 to 256"),
}
# Prefixes of variables read by libpq, gunicorn, Python, OpenSSL and the C library.
FOREIGN_NAME = re.compile(
    r"PG[A-Z]+|GUNICORN_CMD_ARGS|PYTHON[A-Z]+|SSL_CERT_(FILE|DIR)|LANG|LC_[A-Z]+|TZ|(?i:(http|https|no)_proxy)"
)
LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
QUOTED = re.compile(r"""'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)\"""")


def read_setting(name, default=None):
    """Return the setting's value or its default. Exit with an error if the value is invalid."""
    text = os.environ.get(name, "")
    if not text:
        return default
    parse, requirement = SETTINGS[name]
    try:
        return parse(text.strip())
    except ValueError as error:
        sys.exit(str(error.args[1]) if len(error.args) > 1 else f"{name} must be {requirement}.")


def check_settings():
    """Exit with an error if any setting is invalid or misspelled."""
    for name in SETTINGS:
        read_setting(name)
    if os.environ.get("SCRIPT_NAME", "/") != "/":
        sys.exit("Socius cannot be served below a path (SCRIPT_NAME): give it a host name of its own.")
    for name in os.environ:
        # Short names may belong to other programs.
        if name not in SETTINGS and len(name) > 5 and (suggestion := similar_name(name)):
            sys.exit(f"Socius has no setting {name}: did you mean {suggestion}?")


def similar_name(name):
    """Return the closest name of an existing setting, or None."""
    return next(iter(difflib.get_close_matches(name.upper(), SETTINGS, n=1, cutoff=0.85)), None)


def read_env_file(path):
    """Load the file into the environment; variables that are already set take precedence."""
    lines_by_name = {}
    for number, line in enumerate(read_lines(path), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        location = f"{path}, line {number}"
        name, value = parse_line(line, location)
        if first := lines_by_name.get(name):
            sys.exit(f"{location}: {name} is already set in line {first}. Keep one of the two lines.")
        lines_by_name[name] = number
        os.environ.setdefault(name, value)


def read_lines(path):
    """Return the file's lines, or none if it does not exist. Exit if it is not readable as text."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        if path.is_symlink():
            sys.exit(f"{path} cannot be read: it is a link to a file that does not exist.")
        if path.parent.is_dir():
            return []
        sys.exit(f"{path} cannot be read: {error.strerror}.")
    except OSError as error:
        sys.exit(f"{path} cannot be read: {error.strerror}.")
    try:
        return re.split(r"\r\n|\r|\n", content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        number = content.count(b"\n", 0, error.start) + 1
        sys.exit(f"{path}, line {number}: this is not UTF-8 text. Save the file in that encoding.")


def parse_line(line, location):
    """Return (name, value) of a line. Exit with an error that starts with `here` if it is invalid."""
    match = LINE.fullmatch(line)
    if not match or not line.isprintable():
        sys.exit(
            f"{location}: this cannot be understood. A line is NAME=value, or a comment that starts with #."
        )
    name, value = match["name"], match["value"]
    if name not in SETTINGS and not FOREIGN_NAME.fullmatch(name):
        suggestion = similar_name(name)
        end = f": did you mean {suggestion}?" if suggestion else "."
        sys.exit(f"{location}: Socius has no setting {name}{end}")
    if value[:1] in ("'", '"'):
        quoted = QUOTED.fullmatch(value)
        if not quoted:
            sys.exit(f"{location}: the value of {name} must end with the quotation mark that it starts with.")
        if quoted["single"] is not None:
            value = quoted["single"]
        else:
            value = re.sub(r"\\(.)", r"\1", quoted["double"])
    elif re.search(r"\s#", value):
        sys.exit(
            f"{location}: a comment needs a line of its own; if # belongs to the value, put it in quotes."
        )
    if not value.strip():
        sys.exit(f"{location}: {name} has no value. Write one, or start the line with #.")
    return name, value

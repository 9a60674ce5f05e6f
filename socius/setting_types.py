"""Parsers of settings: each takes the text of a setting and returns its value, or raises ValueError.

A second argument of the error is a sentence of its own, for a well-formed value that cannot work.
"""

import importlib.util
import ipaddress
import re
import warnings
from urllib.parse import urlsplit

import environ
import psycopg2
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from psycopg2.extensions import make_dsn

BOOLEANS = dict.fromkeys(("true", "1", "on", "yes"), True)
BOOLEANS |= dict.fromkeys(("false", "0", "off", "no"), False)
HOST_NAME = re.compile(r"(?=.{1,253}$)(?!-)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*", re.ASCII)
SQLITE, POSTGRESQL = "django.db.backends.sqlite3", "django.db.backends.postgresql"
# {parameter of a database's URL that is Django's: its parser}; other parameters are libpq's.
DATABASE_PARAMETERS = {"CONN_MAX_AGE": int, "CONN_HEALTH_CHECKS": None, "DISABLE_SERVER_SIDE_CURSORS": None}
# {part of a cache backend's name: the package that it needs}
CACHE_PACKAGES = {".redis.": "redis", "PyMemcache": "pymemcache", "PyLibMC": "pylibmc"}
MAILBOX = re.compile(r"[^<>@]*<(?P<address>[^<>]+)>|[^<>\s]+")
PLACEHOLDER = re.compile(r"django-insecure|change[-_ ]?(me|this)|placeholder|your[-_ ]?secret", re.IGNORECASE)


def boolean(text):
    """Return True or False; django-environ would take any other word for False."""
    if text.lower() not in BOOLEANS:
        raise ValueError(text)
    return BOOLEANS[text.lower()]


def one_of(*words):
    """Return a parser that accepts these words, in any case."""
    return lambda text: words[words.index(text.lower())]


def integer_between(lowest, highest):
    """Return a parser of whole numbers in a range."""

    def parse(text):
        if not re.fullmatch(r"[0-9]{1,6}", text) or not lowest <= int(text) <= highest:
            raise ValueError(text)
        return int(text)

    return parse


def secret_key(text):
    """Return the key; ValueError if it can be guessed."""
    if len(text) < 32 or len(set(text)) < 8 or PLACEHOLDER.search(text):
        raise ValueError(text)
    return text


def host(text):
    """Return a host name or IP address as it is, IPv6 without brackets."""
    address = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    if ":" in address:
        ipaddress.IPv6Address(address)
        return address
    if re.fullmatch(r"[0-9.]+", text):
        ipaddress.IPv4Address(text)
    elif not HOST_NAME.fullmatch(text):
        raise ValueError(text)
    return text


def host_names(text):
    """Return the entries of Django's ALLOWED_HOSTS; `.example.org` includes subdomains, `*` is any host."""
    names = [name for item in text.split(",") if (name := item.strip())]
    if not names:
        raise ValueError(text)
    return [name if name == "*" else _host_pattern(name) for name in names]


def _host_pattern(name):
    if name.startswith("."):
        return f".{host(name[1:])}"
    address = host(name)
    return f"[{address}]" if ":" in address else address  # as it is in a Host header


def bind_addresses(text):
    """Return gunicorn's addresses: host:port, [IPv6]:port, unix:PATH or fd://NUMBER, with commas."""
    for address in text.split(","):
        if not re.fullmatch(r"unix:.+|fd://[0-9]+", address):
            name, _colon, port = address.rpartition(":")
            integer_between(1, 65535)(port)
            if ":" in host(name) and not name.startswith("["):
                raise ValueError(address)
    return text


def parse_database_url(text):
    """Return Django's settings of the database at a URL; ValueError if Socius cannot run on it."""
    try:
        with warnings.catch_warnings(action="error"):  # django-environ only warns about ignored parts
            config = environ.Env.db_url_config(text)
    except (Warning, ImproperlyConfigured) as error:
        raise ValueError(text) from error
    if config.get("ENGINE") not in (SQLITE, POSTGRESQL) or not config.get("NAME") or "#" in text:
        raise ValueError(text)
    if config["NAME"] == ":memory:" and not text.endswith(":memory:"):  # a URL without a path
        raise ValueError(text)
    options = config.get("OPTIONS", {})
    for name in {"ATOMIC_REQUESTS", "AUTOCOMMIT"} & set(config):
        raise ValueError(text, f"A database's URL cannot set {name}: Socius opens transactions itself.")
    for name in set(DATABASE_PARAMETERS) & set(config):
        config[name] = (DATABASE_PARAMETERS[name] or boolean)(str(config[name]))
    if config["ENGINE"] == SQLITE and options:
        raise ValueError(text, "A URL of SQLite takes no parameters after the path.")
    try:
        make_dsn(**{name: str(value) for name, value in options.items()})
    except psycopg2.ProgrammingError as error:
        sentence = "A database's URL has a parameter that PostgreSQL's client does not know."
        raise ValueError(text, sentence) from error
    return config


def cache(text):
    """Return Django's settings of the cache at a URL; ValueError if its client is not installed."""
    try:
        with warnings.catch_warnings(action="error"):
            config = environ.Env.cache_url_config(text)
    except (Warning, ImproperlyConfigured) as error:
        raise ValueError(text) from error
    backend = config.get("BACKEND", "")
    if not backend or backend.endswith(".MemcachedCache"):  # removed from Django
        raise ValueError(text)
    for part, package in CACHE_PACKAGES.items():
        if part in backend and not importlib.util.find_spec(package):
            raise ValueError(text, f"CACHE_URL needs the Python package {package}, which is not installed.")
    parts = urlsplit(text)
    if ".redis." in backend and not (parts.hostname or parts.path.strip("/")):
        raise ValueError(text)
    return config


def email(text):
    """Return Django's EMAIL_… settings. smtps:// is TLS from the start, smtp+tls:// is STARTTLS."""
    parts = urlsplit(text)
    if parts.query or parts.fragment:
        raise ValueError(text)
    try:
        config = environ.Env.email_url_config(text)
    except ImproperlyConfigured as error:
        raise ValueError(text) from error
    if not config.get("EMAIL_BACKEND"):
        raise ValueError(text)
    if parts.scheme.startswith("smtp"):
        is_implicit = parts.scheme in ("smtps", "smtp+ssl")
        config["EMAIL_HOST"] = host(config.get("EMAIL_HOST") or "")
        config["EMAIL_USE_SSL"], config["EMAIL_USE_TLS"] = is_implicit, parts.scheme == "smtp+tls"
        ports = {"smtp": 25, "smtp+tls": 587}
        config["EMAIL_PORT"] = config.get("EMAIL_PORT") or ports.get(parts.scheme, 465)
    return config


def mailbox(text):
    """Return an email address, with or without a name; ValueError if mail servers would not take it."""
    match = MAILBOX.fullmatch(text)
    if not match or not text.isprintable():
        raise ValueError(text)
    try:
        validate_email(match["address"] or text)
    except ValidationError as error:
        raise ValueError(text) from error
    return text

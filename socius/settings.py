"""The only settings module. Installation-specific values come from the environment or `.env`.

A wrong value stops the start with one sentence that names it (socius/environment.py).
"""

import contextlib
import os
import secrets
import sys
import tempfile
from pathlib import Path

import environ

from socius import logging
from socius.setting_types import parse_database_url as parse_database

from .environment import check_settings, read_env_file, read_setting
from .setting_types import secret_key as parse_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"  # files of this installation: database, secret key, static files

env = environ.Env()
read_env_file(BASE_DIR / ".env")
check_settings()


def make_folder(path):
    """Create the folder if it does not exist. Exit with an error if that fails."""
    try:
        path.mkdir(exist_ok=True)
    except OSError as error:
        sys.exit(f"{path} cannot be made: {error.strerror}. The user that runs Socius must own {VAR_DIR}.")


def database(name):
    """Return Django's settings of the database in an environment variable."""
    return parse_database(env.ENVIRON[name])


def kept_secret_key():
    """Return the installation's secret key, created at the first start with owner-only permissions."""
    path = VAR_DIR / "secret_key"
    try:
        if not path.exists():
            # Written completely before it is linked: a process that starts concurrently reads no partial key.
            with tempfile.NamedTemporaryFile("w", dir=VAR_DIR) as file:  # created with mode 0600
                file.write(secrets.token_urlsafe(64))
                file.flush()
                with contextlib.suppress(FileExistsError):
                    os.link(file.name, path)
        return parse_secret_key(path.read_text())
    except OSError as error:
        sys.exit(f"{path} can be neither read nor made: {error.strerror}. Set SECRET_KEY, or who owns it.")
    except ValueError:
        sys.exit(f"{path} holds no key: restore it from a backup, or remove it, which signs everybody out.")


make_folder(VAR_DIR)
DEBUG = read_setting("DEBUG", False)
FASTPATH = read_setting("FASTPATH", True)  # optimized code paths: crud/fastpath/README.md
SECRET_KEY = read_setting("SECRET_KEY") or kept_secret_key()
ALLOWED_HOSTS = read_setting("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
TRUSTED_PROXIES = read_setting("TRUSTED_PROXIES", 0)
SIGN_UP = read_setting("SIGN_UP", "open")

INSTALLED_APPS = [
    "workspaces",
    "crud",
    "recurring",  # before crm, whose demo command it extends
    "crm",
    "django_tables2",
    "django_filters",
    "django_countries",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "socius.middleware.request_log.RequestLogMiddleware",
    "socius.middleware.security_headers.SecurityHeadersMiddleware",
    "socius.middleware.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "socius.middleware.valid_encoding.ValidEncodingMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # A list is 42 KB, 7 KB compressed. Responses are padded by a random length against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "workspaces.accounts.sessions.timeout.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "workspaces.accounts.sessions.drafts.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "workspaces.accounts.known_browsers.KnownBrowserMiddleware",
    "workspaces.accounts.rate_limits.RateLimitStatusMiddleware",
    "workspaces.audit.middleware.ActorMiddleware",
    "workspaces.accounts.sessions.timeout.SessionTimeoutMiddleware",
    "workspaces.tenancy.middleware.WorkspaceMiddleware",
    "workspaces.accounts.mfa.policy.RequireMfaMiddleware",
    "recurring.middleware.CurrentSnapshotsMiddleware",
    "socius.middleware.method_not_allowed.MethodNotAllowedMiddleware",
    "socius.middleware.conflicts.ConflictMiddleware",
]

ROOT_URLCONF = "socius.urls"
WORKSPACE_URLCONF = "socius.workspace_urls"  # mounted at /w/<slug>/: workspaces.tenancy.middleware
WSGI_APPLICATION = "socius.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "socius.navigation.frame_context",
            ],
            "builtins": ["django.templatetags.i18n", "workspaces.templatetags.workspaces"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Commands may take longer than pages, so they bypass PgBouncer if there is one.
IS_COMMAND = Path(sys.argv[0]).name == "manage.py"
SQLITE_FILE = {"ENGINE": "django.db.backends.sqlite3", "NAME": VAR_DIR / "socius.sqlite3"}
DATABASES = {
    "default": {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    | ((IS_COMMAND and read_setting("COMMANDS_URL")) or read_setting("DATABASE_URL", SQLITE_FILE))
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # IMMEDIATE: a transaction takes the write lock at its start, and waits for it, instead of failing
    # halfway. Reads run outside transactions, so they never wait for it.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes, because limits on sign-ins are counted in it. Above Django's 300 entries,
# active counters would be evicted, and an attacker of many accounts could start over.
COUNTING_CACHE = {
    "BACKEND": "workspaces.accounts.cache_backend.CountingCache",
    "LOCATION": "socius_cache",
    "OPTIONS": {"MAX_ENTRIES": 50_000},
}
CACHES = {"default": read_setting("CACHE_URL", COUNTING_CACHE)}

MAIL_IS_CONFIGURED = bool(env.ENVIRON.get("EMAIL_URL"))
CONSOLE = {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
EMAIL_SETTINGS = read_setting("EMAIL_URL", CONSOLE)
globals().update({name: value for name, value in EMAIL_SETTINGS.items() if name.startswith("EMAIL_")})
EMAIL_TIMEOUT = 10  # seconds; an unresponsive mail server would block the thread forever
DEFAULT_FROM_EMAIL = read_setting("DEFAULT_FROM_EMAIL", "Socius <socius@localhost>")

AUTH_USER_MODEL = "workspaces.User"
AUTHENTICATION_BACKENDS = ["workspaces.accounts.backends.AuthenticationBackend"]
# A path, not a URL name: the URLconf inside of workspaces does not define the name.
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = ["workspaces.accounts.passwords.hashers.Argon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "workspaces.accounts.passwords.validators.MaxLengthValidator"},
    {"NAME": "workspaces.accounts.passwords.validators.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "name"]},
    },
]

ACCOUNT_ADAPTER = "workspaces.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "login": "workspaces.accounts.forms.SignInForm",
    "signup": "workspaces.accounts.forms.SignUpForm",
    "reset_password": "workspaces.accounts.forms.ResetPasswordForm",
    "change_password": "workspaces.accounts.forms.ChangePasswordForm",
    "add_email": "workspaces.accounts.forms.ChangeEmailForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL_IS_CONFIGURED else "none"
ACCOUNT_CHANGE_EMAIL = True
# Besides allauth's own. Where there is None the form counts (workspaces.limits), and keeps what was typed.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,5/5m/key",  # wrong passwords and codes; the key identifies the account
    "login": "300/m/ip",  # successful ones: an office behind one IP address
    "signup": None,
    "sign_up": "20/m/ip",
    "reset_password": None,
    "reset": "20/m/ip,5/m/key",
    "draft": "60/m/ip",  # limits the storage that visitors can use
    "invite": "60/h/user",  # prevents spam
}
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # keep this session; Django ends the others
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]  # no email codes: mailboxes are often open
ACCOUNT_SESSION_REMEMBER = None
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_FORMS = {
    "authenticate": "workspaces.accounts.mfa.forms.AuthenticateForm",
    "reauthenticate": "workspaces.accounts.mfa.forms.ReauthenticateForm",
    "activate_totp": "workspaces.accounts.mfa.forms.ActivateTOTPForm",
    "add_webauthn": "workspaces.accounts.mfa.forms.AddWebAuthnForm",
    "edit_webauthn": "workspaces.accounts.mfa.forms.EditWebAuthnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = not MAIL_IS_CONFIGURED
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Socius"

# Records of a member who leaves that can be reassigned: see workspaces.members.reassignment.
HAND_OVER = ["crm.reassignment.WORK", "recurring.reassignment.WORK"]
# Data consistency checks (see workspaces.consistency): snapshots first, since texts depend on them.
DATA_CHECKS = ["recurring.consistency.get_recurring_checks", "crm.consistency.get_crm_checks"]

# Returns the time zone of exported times, which is the same for all users of a workspace.
EXPORT_TIME_ZONE = "workspaces.tenancy.scope.active_time_zone"

SESSION_ENGINE = "workspaces.accounts.sessions.backend"
SESSION_COOKIE_AGE = 14 * 24 * 3600  # after the sign-in, regardless of activity
SESSION_IDLE_AGE = 12 * 3600
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "socius.errors.csrf_failure"
MESSAGE_STORAGE = "workspaces.accounts.message_storage.Messages"
# HTTPS only behind a proxy that terminates TLS; plain HTTP without one, as in development.
BEHIND_HTTPS = TRUSTED_PROXIES > 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
# The __Host- prefix restricts these cookies to this host, HTTPS and the path /.
COOKIE_PREFIX = "__Host-" if BEHIND_HTTPS else ""
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid", f"{COOKIE_PREFIX}csrftoken"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BEHIND_HTTPS else 0
# Both affect other host names and are hard to revert, so the operator decides.
SECURE_HSTS_INCLUDE_SUBDOMAINS = read_setting("HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = read_setting("HSTS_PRELOAD", False)
if (SECURE_HSTS_INCLUDE_SUBDOMAINS or SECURE_HSTS_PRELOAD) and not BEHIND_HTTPS:
    sys.exit("HSTS_INCLUDE_SUBDOMAINS and HSTS_PRELOAD need a proxy that ends https: set TRUSTED_PROXIES.")
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    sys.exit("HSTS_PRELOAD needs HSTS_INCLUDE_SUBDOMAINS=true: names are preloaded with their subdomains.")
SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

COUNTRIES_OVERRIDE = {"XK": "Kosovo"}  # a user-assigned code of ISO 3166
LANGUAGE_CODE = "en-us"
LANGUAGES = [("en-us", "English (United States)"), ("en-gb", "English (United Kingdom)")]
FORMAT_MODULE_PATH = ["socius.formats"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
make_folder(STATIC_ROOT)  # WhiteNoise warns if it does not exist
# Hashed, compressed and immutable after collectstatic (`make run`, deployment); else unprocessed.
STATIC_IS_COLLECTED = not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
STORAGES = {
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_IS_COLLECTED or "collectstatic" in sys.argv
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
}
WHITENOISE_USE_FINDERS = not STATIC_IS_COLLECTED
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

# Prose for terminals, JSON otherwise.
LOGS = read_setting("LOGS", "text" if DEBUG or sys.stderr.isatty() else "json")
LOGGING = logging.configuration(LOGS)
# models.W040: SQLite leaves out the INCLUDE columns of a covering index, as intended.
# security.W005, W021: the operator decides on HSTS for subdomains and preloading.
SILENCED_SYSTEM_CHECKS = ["models.W040", "security.W005", "security.W021"]

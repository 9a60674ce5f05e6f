"""Password validators: length and common passwords, no rules about character classes."""

import gzip
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 1024  # hashing longer input would allow a denial of service


class MaxLengthValidator:
    """Limits passwords to 1,024 characters."""

    def validate(self, password, user=None):
        if len(password) > LONGEST:
            sentence = _("This password is too long. Use at most %(number)s characters.")
            raise ValidationError(sentence % {"number": f"{LONGEST:,}"}, "too_long")

    def get_help_text(self):
        return _("Your password can have at most %(number)s characters.") % {"number": f"{LONGEST:,}"}


class CommonPasswordValidator:
    """Rejects common passwords (for their source see tools/common_passwords.py)."""

    def validate(self, password, user=None):
        if password.lower().strip() in common_passwords():
            raise ValidationError(_("This password is too common."), "password_too_common")

    def get_help_text(self):
        return _("Your password can’t be a commonly used password.")


@cache
def common_passwords():
    """Return all common passwords in lowercase, loaded at the first use."""
    path = Path(__file__).with_name("common_passwords.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode().splitlines())

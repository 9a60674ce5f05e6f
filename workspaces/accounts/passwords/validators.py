"""Which passwords will do: long ones that are not guessed first. No rules about digits and signs."""

import gzip
from functools import cache
from pathlib import Path

from django.core.exceptions import ValidationError

LONGEST = 1024  # more is no password; it would only keep the hasher busy


class MaxLengthValidator:
    """At most 1,024 characters."""

    def validate(self, password, user=None):
        if len(password) > LONGEST:
            raise ValidationError(f"This password is too long: at most {LONGEST:,} characters.", "too_long")

    def get_help_text(self):
        return f"Your password must contain at most {LONGEST:,} characters."


class CommonPasswordValidator:
    """None of those that are guessed first (tools/common_passwords.py says where they are from)."""

    def validate(self, password, user=None):
        if password.lower().strip() in common_passwords():
            raise ValidationError("This password is too common: many people use it.", "password_too_common")

    def get_help_text(self):
        return "Your password can’t be a commonly used password."


@cache
def common_passwords():
    """All of them, in small letters; read when the first password is chosen."""
    path = Path(__file__).with_name("common_passwords.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode().splitlines())

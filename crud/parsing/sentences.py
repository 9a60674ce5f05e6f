"""Sentences for users that are put together from parts."""

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString

ENDS = (".", "!", "?", "…", "。", "！", "？")
TAGS_AT_THE_END = re.compile(r"(?:<[^<>]*>)+$")


def end_sentence(text: str) -> str:
    """Return the text with a period at its end, unless the name that ends it brings one."""
    is_html = isinstance(text, SafeString)
    if (TAGS_AT_THE_END.sub("", text) if is_html else text).endswith(ENDS):
        return text
    return format_html("{}.", text) if is_html else f"{text}."

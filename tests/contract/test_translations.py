"""All user-facing text goes through gettext.

No literal in a template, no f-string in a message, and on a page in the pseudo-locale en-XA no word that is
neither accented nor in brackets.
"""

import ast
import re
from html.parser import HTMLParser

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.template.base import Lexer, TokenType

from tests.contract.test_url_permissions import rows
from tests.security.support.page_forms import Steady, addresses
from tests.support import pseudo_locale

ROOT = settings.BASE_DIR
PACKAGES = ("crud", "workspaces", "crm", "recurring", "socius")
READ_ATTRIBUTES = ("alt", "aria-label", "aria-description", "aria-roledescription", "placeholder", "title")
NOT_READ = {"script", "style", "kbd", "code", "samp"}
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
PROPER_NAMES = {"Socius", "MRR", "LinkedIn"}
LETTERS = re.compile(r"[^\W\d_]{2,}|[^\W\d_](?=\s|$)")


def words(text):
    """Return the words of a text that are no proper names."""
    text = re.sub(r"&#?\w+;", " ", text)
    return [word for word in LETTERS.findall(text) if word not in PROPER_NAMES]


class ReadText(HTMLParser):
    """The text of a page and its attributes that are read aloud, in `texts` [(line, text)]."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.texts, self.open = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag not in VOID:
            self.open.append(tag)
        names = [*READ_ATTRIBUTES, *(["value"] if values.get("type") in ("submit", "button") else [])]
        self.texts += [(self.getpos()[0], values[name]) for name in names if values.get(name)]

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if not NOT_READ & {*self.open}:
            self.texts.append((self.getpos()[0], data))


# Literals in templates.


def without_tags(source):
    """Return the HTML of a template: tags are gone, and what blocktranslate holds; the lines stay."""
    html, in_translation, in_comment = [], False, False
    for token in Lexer(source).tokenize():
        name = token.contents.split(None, 1)[0] if token.token_type == TokenType.BLOCK else ""
        in_translation = (in_translation or name.startswith("blocktrans")) and not name.startswith(
            "endblocktrans"
        )
        in_comment = (in_comment or name == "comment") and name != "endcomment"
        is_text = token.token_type == TokenType.TEXT and not in_translation and not in_comment
        if is_text:
            html.append(token.contents)
        else:
            html.append("\n" * token.contents.count("\n"))
    return "".join(html)


def literals(source):
    """Return the untranslated texts of a template, [(line, text)]."""
    return [
        (line, " ".join(text.split())) for line, text in ReadText(without_tags(source)).texts if words(text)
    ]


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nothing here</p>",
        '<a href="/" title="Go on">{{ name }}</a>',
        "{% if a %}{% translate 'Yes' %}{% else %}No{% endif %}",
        '<input type="submit" value="Save">',
        "{% blocktranslate %}One{% endblocktranslate %} and another",
    ],
)
def test_canary_a_literal_is_seen(source):
    assert literals(source)


def test_canary_translated_text_is_no_literal():
    source = """{# A comment #}<p class="a b" data-x="One two">{% translate "Yes" %} · {{ name }} Socius
        {% blocktranslate trimmed %}A <b>bold</b> {{ n }}{% endblocktranslate %}<kbd>Ctrl</kbd></p>"""
    assert literals(source) == []


def test_no_template_holds_an_untranslated_literal():
    problems = [
        f"{path.relative_to(ROOT)}:{line} {text}"
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.suffix in (".html", ".txt")
        for line, text in literals(path.read_text())
    ]
    assert problems == [], "\n".join(problems)


# Literals in code.

READ_KEYWORDS = set(
    "description empty empty_label heading help_text label message noun text title unit "
    "verbose_name verbose_name_plural violation_error_message".split()
)
READ_CALLS = {"ValidationError", "PermissionDenied", "Http404", "add_error"}
NOT_READ_CALLS = {"ArgumentParser", "add_argument", "add_parser", "AuditOptions", "Tags", "Warning", "Error"}
MESSAGES = {"debug", "error", "info", "success", "warning", "add_message"}


def is_literal(node):
    """Return True if an expression puts text together that gettext has not seen."""
    if isinstance(node, ast.BinOp):
        return is_literal(node.left) or is_literal(node.right)
    if isinstance(node, ast.IfExp):
        return is_literal(node.body) or is_literal(node.orelse)
    if isinstance(node, (ast.List, ast.Tuple)):
        return any(map(is_literal, node.elts))
    if isinstance(node, ast.Dict):
        return any(map(is_literal, node.values))
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.Constant) and words(part.value) for part in node.values)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("format", "join")
    ):
        return is_literal(node.func.value)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(words(node.value))


def call_name(call):
    return getattr(call.func, "attr", None) or getattr(call.func, "id", "")


def read_arguments(call):
    """Return the arguments of a call that people read."""
    name = call_name(call)
    of_messages = isinstance(call.func, ast.Attribute) and getattr(call.func.value, "id", "") == "messages"
    if of_messages and name in MESSAGES:
        return call.args[-1:]
    if name == "add_error":
        return call.args[1:]
    if name in READ_CALLS:
        return call.args[:1]
    return []


def find_untranslated(source):
    """Return the lines of a module that hand text to people without gettext."""
    lines = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            arguments = read_arguments(node)
            if call_name(node) not in NOT_READ_CALLS:
                arguments = [*arguments, *(item.value for item in node.keywords if item.arg in READ_KEYWORDS)]
            lines |= {argument.lineno for argument in arguments if is_literal(argument)}
    return sorted(lines)


@pytest.mark.parametrize(
    "source",
    [
        'messages.success(request, f"{name} saved.")',
        'messages.error(request, "It did not work.")',
        'raise ValidationError("Enter a name.")',
        'forms.CharField(label="Name")',
        'self.add_error("name", "%s is taken" % name)',
        'forms.CharField(help_text=f"At least {n} characters")',
    ],
)
def test_canary_text_without_gettext_is_seen(source):
    assert find_untranslated(source)


def test_canary_text_with_gettext_is_not():
    source = """messages.success(request, _("“%(name)s” saved.") % {"name": name})
raise ValidationError(_("Enter a name."), code="required")
forms.CharField(label=_("Name"), help_text="")"""
    assert find_untranslated(source) == []


def modules():
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not {"tests", "migrations", "demo", "demo.py"} & {*path.relative_to(ROOT).parts}:
                yield path


def test_no_text_is_handed_to_people_without_gettext():
    problems = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in modules()
        for line in find_untranslated(path.read_text())
    ]
    assert problems == [], "\n".join(problems)


# Every page in en-XA.

# Data by their shape: currencies, addresses, codes, time zones, language names.
DATA = re.compile(
    r"[A-Z]{3} – [\w .’'()&-]+|[A-Z]\w+/[A-Z][\w/ +-]+ \(UTC\S*\)|"
    r"\S+@\S+|@?[\w-]+(?:\.[\w-]+)*\.(?:example|com|org)\S*|https?://\S+|/[\w/…-]+/?\S*|"
    r"\b[A-Z]{2,4}\b|\b[0-9a-f]{6,}\b|English \([\w ]+\)|\b[ap]m\b"
)


@pytest.fixture
def en_xa(settings):
    pseudo_locale.install()
    settings.LANGUAGE_CODE = pseudo_locale.LANGUAGE


def stored_texts():
    """Return the pattern of all texts that are stored in the database, the longest first."""
    texts = set()
    for model in apps.get_models():
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField))
        ]
        if names:
            for values in model._base_manager.values_list(*names):
                texts |= {value for value in values if isinstance(value, str) and words(value)}
    alternatives = "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE)


def without_data(text, stored):
    return stored.sub(" ", DATA.sub(" ", text))


def untranslated_words(html, stored):
    """Return the texts of a page that have words outside of brackets and of data."""
    problems = []
    for _, text in ReadText(html).texts:
        rest = pseudo_locale.without_translations(without_data(text, stored))
        if words(rest):
            problems.append(" ".join(text.split())[:160])
    return problems


def test_every_page_is_translated(en_xa, quiet, unlimited, sign_in, workspace):
    client = Steady.like(sign_in(workspace, "admin and sales staff"))
    ours = addresses(rows())
    stored = stored_texts()
    problems = {}
    for route, address in ours:
        for browser in (client, Steady()) if not address.startswith("/w/") else (client,):
            for response in (browser.get(address), browser.post(address)):
                if not response.get("Content-Type", "").startswith("text/html") or response.streaming:
                    continue
                for text in untranslated_words(response.content.decode(), stored):
                    problems.setdefault(text, f"{route} {response.status_code}")
    assert not problems, "\n".join(f"{place}: {text}" for text, place in problems.items())

"""The pseudo-locale en-XA: each translatable text accented, 40 % longer and in brackets.

A text without brackets did not go through gettext; one that does not fit will not fit in German. There is no
catalog that could be out of date: texts are transformed when they are looked up.
"""

import gettext
import re

from django.utils.translation import trans_real

LANGUAGE = "en-xa"
OPENING, CLOSING = "⟦", "⟧"
ACCENTED = str.maketrans("aceghijklnorstuwyzACEGHIJKLNORSTUWYZ", "áçéĝĥîĵķļñöŕšţûŵýžÁÇÉĜĤÎĴĶĻÑÖŔŠŢÛŴÝŽ")
# Text that translators keep: placeholders, tags and character references.
FIXED = re.compile(r"(%\(\w+\)[-.\d]*[a-z]|%[-.\d]*[a-z%]|\{\w*\}|<[^<>]*>|&\w+;)")
PADDING = " öñé ţŵö ţĥŕéé ƒöûŕ ƒîṽé šîẋ šéṽéñ éîĝĥţ ñîñé ţéñ"
ACCENTED_WORD = re.compile(rf"\w*[{''.join(map(chr, ACCENTED.values()))}][\w’]*")
CONTEXT = "\x04"


def to_pseudo_locale(text):
    """Return the text as en-XA has it; a text without letters stays as it is."""
    text = text.split(CONTEXT)[-1]
    parts = FIXED.split(text)
    length = sum(len(part) for part in parts[::2])
    if not any(character.isalpha() for part in parts[::2] for character in part):
        return text
    parts[::2] = [part.translate(ACCENTED) for part in parts[::2]]
    padding = (PADDING * (length // 100 + 1))[: round(length * 0.4)]
    return f"{OPENING}{''.join(parts)}{padding.rstrip()}{CLOSING}"


class PseudoTranslation(gettext.NullTranslations):
    """The translations of en-XA, as django.utils.translation keeps those of a language."""

    def gettext(self, message):
        return to_pseudo_locale(message)

    def ngettext(self, msgid1, msgid2, n):
        return to_pseudo_locale(msgid1 if n == 1 else msgid2)

    def language(self):
        return LANGUAGE

    to_language = language


def install():
    """Make en-XA a language that can be activated."""
    trans_real._translations[LANGUAGE] = PseudoTranslation()


def without_translations(text):
    """Return what of a text is neither in brackets nor accented: a tag may part a text from its brackets."""
    depth, rest = 0, []
    for character in text:
        depth += character == OPENING
        if depth == 0:
            rest.append(character)
        depth = max(depth - (character == CLOSING), 0)
    return ACCENTED_WORD.sub("", "".join(rest))

"""The triggers of the audit trail fold names as a search folds what is typed, on both databases."""

import pytest
from django.db import connection

from crm.tests import factories
from crud.search import normalize_text
from workspaces.audit.triggers.case_folding import fold
from workspaces.models import AuditEntry

TEXTS = (
    "Pat O’Brien|“Five” „Star‟|12″|Baden–Baden − x|Łukasz Søren Ørsted|ÆTHER œuvre|Straße ẞ|Đặng Þór GUÐRÚN|"
    "Işıl IŞIL İzmir|Zoe\u0308|ＡＣＭＥ １２|ハート ﾊｰﾄ が|Ac\u200bme \u202ax\u202c \u00ad|"
    "35 % and 35\u202f%|a\u00a0 b\u3000c\u2028d|ΟΔΟΣ ὀδός|٣٤ שָׁלוֹם قَلَم|plain ASCII 5 %  twice|ǅ ŉ ﬃ ½ ´"
).split("|")


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_the_triggers_fold_names_as_a_search_does(workspace, text):
    person = factories.person(name=text)
    entry = AuditEntry.objects.filter(object_id=person.pk).latest("pk")
    assert normalize_text(text) in entry.search_text
    for word in text.split():
        assert entry in AuditEntry.objects.search(word)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has its own")
@pytest.mark.django_db
def test_postgresql_folds_every_letter_of_the_latin_greek_and_cyrillic_scripts():
    characters = [chr(code) for code in range(0xA1, 0x530) if code != 0x37A]  # which no name has
    body = "DECLARE words text := given; BEGIN " + fold("words") + " RETURN words; END"
    with connection.cursor() as cursor:
        head = "CREATE FUNCTION pg_temp.folded(given text) RETURNS text LANGUAGE plpgsql AS "
        cursor.execute(f"{head}$f${body}$f$")
        cursor.execute("SELECT c, pg_temp.folded('x' || c || 'x') FROM unnest(%s) AS c", [characters])
        unequal = {c: folded for c, folded in cursor.fetchall() if folded != normalize_text(f"x{c}x")}
    assert unequal == {}

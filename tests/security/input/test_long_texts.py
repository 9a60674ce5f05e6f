"""Every text has a bound: 200,000 characters in any box or parameter break nothing and stay typed."""

import pytest
from django.db import connection, transaction

from tests.security.input.test_hostile_texts import TYPED_ANEW, groups, heard, texts
from tests.security.support.page_forms import form_on

pytestmark = pytest.mark.security
LENGTH = 200_000
TEXTS = {
    "letters": "x" * LENGTH,
    "digits": "1" * LENGTH,
    "separators": "x," * (LENGTH // 2),
    "quotation marks": '"a' * (LENGTH // 2),
    "lines": "2026-01 EUR 1.1\n" * (LENGTH // 16),
    "digits of another script": "١" * LENGTH,
    "an address": "https://" + "a." * (LENGTH // 2),
    "brackets": "(" * LENGTH,
    "blanks": "x" + " " * LENGTH + "x",
}
AT_ONCE = 6  # boxes: more would be refused by the size of the whole


def long_ones(reach):
    """Return the database's half of the texts, in the sample the first ones of it."""
    names = list(TEXTS)[connection.vendor == "sqlite" :: 2]
    return [TEXTS[name] for name in names[: reach(2, len(names))]]


def list_faults(browser, form, names, text):
    """Return the faults of a form that gets a long text in the boxes `names`, a sentence each."""
    with transaction.atomic(), heard():
        response = browser.post(form.action, form.filled(**dict.fromkeys(names, text)))
        transaction.set_rollback(True)
    where = f"{form} {names} {text[:8]!r}"
    if response.status_code >= 500 or response.status_code in (400, 413):
        return [f"{where}: {response.status_code}"]
    if response.status_code != 200:
        return []
    second_answer = form_on(response.content.decode(), form)
    if second_answer is None:
        return []
    shown_text = {field.name: field.value for field in second_answer.fields}
    return [
        f"{where}: {name} was refused and is not shown as it was typed"
        for name in second_answer.invalid & {*names} - TYPED_ANEW
        if " ".join(shown_text[name].split()) != " ".join(text.split())
    ]


def test_no_box_breaks_at_a_very_long_text(site, reach):
    faults, count = [], 0
    for group in groups(site.posted):
        browser, form = group[0]
        names = texts(form)
        for start in range(0, len(names), AT_ONCE):
            for text in long_ones(reach):
                faults += list_faults(browser, form, names[start : start + AT_ONCE], text)
                count += 1
    print(f"{count} forms filled in, {len(faults)} wrong")
    assert count
    assert not faults, "\n".join(faults[:40])


def test_no_parameter_breaks_at_a_very_long_text(site, reach):
    faults, count = [], 0
    for _, address, names in site.parameters:
        for text in long_ones(reach):
            with transaction.atomic():
                status = site.member.get(address, dict.fromkeys(list(names)[:10], text)).status_code
                transaction.set_rollback(True)
            count += 1
            if status >= 500:
                faults.append(f"{address} {text[:8]!r}: {status}")
    print(f"{count} addresses asked, {len(faults)} wrong")
    assert count
    assert not faults, "\n".join(faults[:40])

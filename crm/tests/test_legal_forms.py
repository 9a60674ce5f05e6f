"""Keys of companies: equal for spellings of one name that differ in the legal form. No database."""

import pytest

from crm.models.contacts import company_key

SPELLINGS = """
Novak s.r.o.|Novak, s. r. o.|Novak sro|Novak spol. s r.o.
Kowalski Sp. z o.o.|Kowalski sp z o.o.|Kowalski Sp.z.o.o.|Kowalski Spółka z o.o.
Hansen A/S|Hansen AS|Hansen ApS
Tamm OÜ|OÜ Tamm|Tamm AS
Silva Ltda|Silva Ltda.|Silva Lda
Maier GbR|Maier e.K.|Maier gGmbH|Maier GmbH & Co. KG|Maier AG & Co. KG|Maier AG & Co. KGaA|Maier Ges.m.b.H.
Rossi SNC|Rossi S.n.c.|Rossi s.p.a.|Rossi S.r.l.
Perez S.A. de C.V.|Perez SA de CV|Perez S. de R.L. de C.V.|Perez, S.A.
グリコ株式会社|株式会社グリコ|株式会社 グリコ|㈱グリコ|グリコ（株）|グリコ
华为有限公司|华为股份有限公司|华为
삼성 주식회사|(주)삼성|삼성
ООО "Ромашка"|Ромашка ООО|Ромашка
Dupont S.à r.l.|Dupont SARL|Dupont Sàrl
Smith Pty Ltd|Smith (Pty) Ltd.|Smith LLP|Smith & Co|The Smith Company|SMITH, Inc.
Sato K.K.|Sato KK|K.K. Sato
Horvat d.o.o.|Horvat d. o. o.|Horvat
Virtanen Oyj|Virtanen Oy Ab|Oy Virtanen Ab
Petrov EOOD|Petrov ЕООД"""


@pytest.mark.parametrize("line", SPELLINGS.strip().splitlines())
def test_a_legal_form_does_not_tell_two_names_apart(line):
    keys = {name: company_key(name) for name in line.split("|")}
    assert len(set(keys.values())) == 1, keys


def test_names_without_letters_are_themselves():
    names = ["!!!", "???", "★", "☆", "…", "123", "1-2-3"]
    assert len({company_key(name) for name in names}) == len(names)
    assert company_key("★ GmbH") != company_key("☆ GmbH")


FORMS = ["Limited", "GmbH", "Co", "The Company", "AG", "株式会社", "ООО", "S.A.", "The"]


@pytest.mark.parametrize("name", FORMS)
def test_a_name_of_nothing_but_a_legal_form_is_itself(name):
    other_items = {company_key(other_item) for other_item in FORMS if other_item != name}
    assert company_key(name) and company_key(name) not in other_items


PAIRS = "Spa Hotel|Hotel, SE Bank|Bank, Acme North|Acme South, Company Cars|Cars, Plan B|Plan, Zoo|Z"


@pytest.mark.parametrize("pair", PAIRS.split(", "))
def test_words_that_belong_to_the_name_stay(pair):
    assert len(set(map(company_key, pair.split("|")))) == 2

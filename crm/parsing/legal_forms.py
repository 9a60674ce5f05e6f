"""Legal forms of companies (GmbH, s.r.o., 株式会社 …), by which two spellings of a name may differ."""

import re
import unicodedata

# As the last word of a name. Dots are left out: s.r.o. is sro.
SUFFIXES = frozenset(
    # English
    "co company corp corporation inc incorporated limited llc llp lllp lp ltd plc pllc pte pty pvt private "
    # German
    "ag ek eg ev gbr gesbr gesmbh ggmbh gmbh kg kgaa mbh ohg partg partgmbb se ug haftungsbeschrankt "
    # French, Belgian, Luxembourgish, Canadian
    "bv bvba cvba eurl gie ltee limitee nv sa sarl sas sasu sca scop scrl scs sci selarl snc sprl vof "
    # Spanish, Portuguese, Italian, Latin American
    "cv eireli eirl lda ltda rl sab sapi sau sgps sl slu slne sll spa srl srls ss "
    # Nordic
    "ab abp ans aps as asa ehf hb hf ivs kb ks oy oyj "
    # Central and Eastern European, Baltic
    "ad bt dd dno dooel doo ead eood jdoo kd kda kft nyrt ood ou sia spzoo sro tuo uab vos zrt "
    # Greek, Turkish
    "ae ee epe ike αε εε επε ικε sti "
    # Cyrillic
    "ооо оао зао пао ао нао тов тоо тдв фоп ип оод еоод ад еад дп "
    "ooo oao zao pao jsc ojsc pjsc cjsc "
    # Asian
    "bhd sdn gk kk yk tbk".split()
)
PHRASES = frozenset(
    tuple(phrase.split())
    for phrase in (
        "ab publ, sarl s, limited partnership, s ro, spol s ro, spol s r o, sp z oo, sp z o o, sp zoo, "
        "sp k, sp j, sa rl, sa r l, sa de cv, "
        "s de rl, s de rl de cv, rl de cv, sapi de cv, sab de cv, ges mbh, gesellschaft mbh, de cv, comm v, "
        "gesellschaft mit beschrankter haftung, societe anonyme, sociedad anonima, naamloze vennootschap, "
        "besloten vennootschap, public limited company, limited liability company, społka z oo, "
        "общество с ограниченнои ответственностью, акционерное общество"
    ).split(", ")
)
PREFIXES = frozenset(
    "ab as oy ou nv sia uab pt cv the ооо оао зао пао ао нао тов тоо ип фоп ooo oao zao pao kk".split()
)
ANYWHERE = frozenset("gmbh ggmbh ltd limited llc llp inc incorporated ltda oyj plc pte pty sarl".split())
JOINING = frozenset("and und et y e i og och ja".split())
# Written without a space, before the name or behind it.
EAST_ASIAN = (
    "股份有限公司",
    "有限責任公司",
    "有限责任公司",
    "有限公司",
    "株式会社",
    "株式會社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "주식회사",
    "유한회사",
    "유한책임회사",
    "(株)",
    "(有)",
    "(同)",
    "(주)",
    "(유)",
)


def strip_legal_form(name):
    """Return the words of `name` without its legal form and "the"; `name` if no other word is left."""
    text = unicodedata.normalize("NFKC", name).strip()
    text = re.sub(r"(?<=\b\w)\.", "", _strip_east_asian(text))
    words = _split_words(text)
    folded = [_fold(word) for word in words]
    start, end = 0, len(words)
    while size := _suffix_size(folded[start:end]):
        end -= size
        if end - start > 1 and folded[end - 1] in JOINING:
            end -= 1
    while end - start > 1 and folded[start] in PREFIXES:
        start += 1
    places = [place for place in range(start, end) if folded[place] not in ANYWHERE]
    is_name = any(folded[place] not in SUFFIXES | PREFIXES for place in places)
    return " ".join(words[place] for place in places) if is_name else name


def _split_words(text):
    """Return the words of a text; marks belong to them, as the vowel signs of Indic scripts do."""
    return "".join(ch if unicodedata.category(ch)[0] in "LMN" else " " for ch in text).split()


def _suffix_size(words):
    """Return the number of words at the end that are a legal form, one word at least left in front."""
    for size in range(min(5, len(words) - 1), 0, -1):
        tail = tuple(words[-size:])
        is_spelled = all(len(word) == 1 for word in tail) and "".join(tail) in SUFFIXES
        if tail in PHRASES or is_spelled or (size == 1 and tail[0] in SUFFIXES):
            return size
    return 0


def _strip_east_asian(text):
    for form in EAST_ASIAN:
        bare = text.removeprefix(form).removesuffix(form).strip()
        if bare and bare != text:
            return bare
    return text


def _fold(word):
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(ch for ch in parts if not unicodedata.combining(ch))

"""PostgreSQL's form of the normalization that crud.search makes of searched text."""

import functools
import unicodedata

from crud.search import fold_character

BLOCKS = range(0x80, 0x10000)
SURROGATES = range(0xD800, 0xE000)


@functools.cache
def foldings():
    """Return ({character: another one}, {character: some letters}, [character that is dropped]).

    Of the characters that NFKD and lower() leave as they are. Digits of far scripts are left out: each
    character of the table costs every changed row that is not plain ASCII.
    """
    single, multiple, dropped = {}, {}, []
    for code in BLOCKS:
        character = chr(code)
        if code in SURROGATES or unicodedata.normalize("NFKD", character) != character:
            continue
        folded = fold_character(character)
        if folded == "":
            dropped.append(code)
        elif folded == character or character.lower() != character:
            continue
        elif len(folded) > 1:
            multiple[character] = folded
        elif unicodedata.decimal(character, None) is None or code < 0x700:
            single[character] = folded
    return single, multiple, dropped


def fold(name):
    """Return statements of PL/pgSQL that fold the variable `name`: a text of any characters but NUL."""
    single, multiple, dropped = foldings()
    # Before NFKD makes two signs of each.
    quotes = f"translate({name}, '´″', '''\"')"
    marks = f"regexp_replace(normalize({name}, NFKD), '[{ranges(dropped)}]', '', 'g')"
    sources, targets = ("".join(part).replace("'", "''") for part in (single, single.values()))
    folded = f"translate(lower({marks}), '{sources}', '{targets}')"
    for character, letters in multiple.items():
        folded = f"replace({folded}, '{character}', '{letters}')"
    spaces = f"regexp_replace({name}, '\\s+', ' ', 'g')"
    return (
        f"IF octet_length({name}) > char_length({name}) THEN\n"
        f"    {name} := {quotes};\n    {name} := {folded};\n  END IF;\n"
        f"  {name} := regexp_replace({spaces}, '(\\d) %', '\\1%', 'g');"
    )


def ranges(codes):
    """Return code points in order as the inside of a character class, with runs of them as ranges."""
    runs = []
    for code in codes:
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in runs)

"""The demo's firms and the people in them."""

import datetime
import re

from crm.demo import words
from crm.demo.words import pick
from crm.models import Company, ContactType, Person, Tag, TaggedCompany
from crud.search import normalize_text
from workspaces.models import Membership


def create_companies(random, number, moments):
    """`number` firms, their names all different but for a pair of twins."""
    names = firm_names(random, number)
    types, staff = list(ContactType.objects.all()), list(Membership.objects.sales_staff())
    rows = [create_company(random, name, types, staff, moments) for name in names]
    rows[1].name = rows[0].name + " LLC"  # for the warning about twins
    Company.objects.bulk_create(rows)
    tags = Tag.objects.bulk_create(
        Tag(name=name, color=color, position=0) for name, color in words.COMPANY_TAGS
    )
    TaggedCompany.objects.bulk_create(
        TaggedCompany(content_object=row, tag=tag)
        for row in rows
        for tag in random.sample(tags, random.choice((0, 0, 0, 1, 1, 2)))
    )
    return rows


def firm_names(random, number):
    names = words.UNUSUAL_FIRMS[: number // 8]
    used_names = set(names)
    shapes = [
        ("{firm} {trade}", 55),
        ("{last} {trade}", 15),
        ("{last} & {heirs}", 10),
        ("{firm} & {other}", 10),
        ("{firm}{end} {form}", 10),
    ]
    while len(names) < number:
        name = pick(random, shapes).format(
            firm=random.choice(words.FIRMS),
            other=random.choice(words.FIRMS),
            end=random.choice(words.FIRMS).lower(),
            last=random.choice(words.LAST_NAMES),
            trade=random.choice(words.TRADES),
            heirs=random.choice(("Sons", "Daughters", "Partners", "Co.")),
            form=random.choice(("Inc.", "Ltd", "GmbH", "LLC")),
        )
        if name not in used_names:
            used_names.add(name)
            names.append(name)
    random.shuffle(names)
    return names


def create_company(random, name, types, staff, moments):
    stem = re.sub(r"[^a-z0-9]+", "", normalize_text(name))[:30]
    domain = f"{stem}.example" if len(stem) > 1 and random.random() < 0.92 else ""
    country = pick(random, [(code, weight) for code, (_, weight) in words.PLACES.items()])
    city, state, begin = random.choice(words.PLACES[country][0])
    created = moments.ago(random.triangular(3, 1095, 900))
    changed = moments.between(created, moments.now) if random.random() < 0.6 else created
    assignee = random.choice(staff) if random.random() < 0.85 else None
    is_bare = random.random() < 0.06  # a name and nothing else: typed in an opportunity's form
    return Company(
        name=name,
        contact_type=None
        if random.random() < 0.05
        else types[pick(random, [(0, 4), (1, 4), (2, 2)]) % len(types)],
        assignee=assignee,
        created_at=created,
        created_by=assignee,
        updated_at=changed,
        updated_by=assignee,
        **(
            {}
            if is_bare
            else {
                "work_phone": phone(random, country),
                "email_domain": domain,
                "work_website": domain and f"https://www.{domain}",
                "linkedin": f"https://www.linkedin.com/company/{stem}-example"
                if domain and random.random() < 0.6
                else "",
                "address": random.choice(words.STREETS[country]).format(
                    n=random.randrange(1, 240), m=random.randrange(1, 30)
                ),
                "city": city,
                "state": state,
                "zip": zip_code(random, country, begin),
                "country": country,
            }
        ),
    )


def phone(random, country):
    """A number out of those that are kept for fiction, where the country has some."""
    n = random.randrange(100)
    area = random.choice((202, 212, 303, 312, 415, 503, 512, 617, 206, 612))
    numbers = {
        "US": f"+1 {area} 555 01{n:02}",
        "CA": f"(604) 555-01{n:02} ext. {n}" if n % 4 == 0 else f"+1 604 555 01{n:02}",
        "GB": f"020 7946 0{n + 100}",
        "DE": f"+49 30 23125 {n + 100}",
        "FR": f"+33 1 99 00 {n:02} {99 - n:02}",
        "AU": f"+61 3 5550 {n + 1000}",
        "SE": f"+46 8 465 004 {n:02}",
    }
    return numbers.get(country, "")


def zip_code(random, country, begin):
    n = random.randrange(10, 100)
    if country == "GB":
        return f"{begin} {n % 9 + 1}AB"
    if country == "CA":
        return f"{begin} {n % 9 + 1}X{n // 11}"
    length = 4 if country in ("AT", "AU", "NL") else 7 if country == "JP" else 5
    return (begin + f"{n}" * 3)[:length]


def create_people(random, number, firms, moments):
    """`number` people, most of them with a firm; some firms have many, some nobody."""
    names = list(words.UNUSUAL_NAMES[: number // 12])
    used_names = set(names)
    while len(names) < number:
        name = (random.choice(words.FIRST_NAMES), random.choice(words.LAST_NAMES))
        if name not in used_names:
            used_names.add(name)
            names.append(name)
    random.shuffle(names)
    weights = [random.paretovariate(1.4) if random.random() < 0.93 else 0 for _ in firms]
    rows = [create_person(random, *name, random.choices(firms, weights)[0], moments) for name in names]
    twin = next(row for row in rows[1:] if row.email)
    rows[0].company, rows[0].email = twin.company, twin.email  # for the warning about twins
    return Person.objects.bulk_create(rows)


def create_person(random, first, last, firm, moments):
    if random.random() < 0.06:
        firm = None
    domain = (firm and firm.email_domain) or "mail.example"
    local = re.sub(r"[^a-z0-9.]+", "", normalize_text(f"{first}.{last}")).strip(".")
    begin = max(firm.created_at, moments.now - datetime.timedelta(1000)) if firm else moments.ago(1000)
    created = moments.at_work(moments.between(begin, moments.now))
    created = max(created, firm.created_at) if firm else created
    signed = firm.assignee if firm else None
    return Person(
        name=f"{random.choice(('Dr. ', 'Prof. ')) if random.random() < 0.03 else ''}{first} {last}",
        company=firm,
        email=f"{local or 'office'}@{domain}" if random.random() < 0.92 else "",
        title=pick(random, words.TITLES),
        description=random.choice(words.NOTES) if random.random() < 0.35 else "",
        created_at=created,
        created_by=signed,
        updated_at=moments.between(created, moments.now) if random.random() < 0.3 else created,
        updated_by=signed,
    )

"""The figures on top of the graphs: what each is now, what it was, and how it came along."""

from dataclasses import dataclass, field

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.formatting import format_month
from recurring.mrr import metrics
from recurring.mrr.calendar import months_after
from recurring.mrr.money import annualize
from recurring.mrr.results import CLOSED


@dataclass(frozen=True)
class Kpi:
    """One figure on top of the page: what it is now, what it was, and how it came along."""

    name: str
    label: str
    kind: str  # how it is written: money, number, percent
    value: object
    before: object = None
    url: str = ""
    note: str = ""
    against: str = ""  # names what `before` is the value of
    line: list = field(default_factory=list)  # its last months, for the sparkline

    @property
    def change(self):
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def remarks(self):
        """The note and what the change is against, as one phrase."""
        return ", ".join(filter(None, [self.note, self.change is not None and self.against]))

    @property
    def points(self):
        """The sparkline as the points of an SVG of 100 × 24."""
        values = [float(value) for value in self.line if value is not None]
        if len(values) < 2:
            return ""
        low, high = min(values), max(values)
        height = (high - low) or 1
        step = 100 / (len(values) - 1)
        return " ".join(
            f"{position * step:.1f},{22 - 20 * (value - low) / height:.1f}"
            for position, value in enumerate(values)
        )


def build_kpis(report):
    """Return [Kpi] of a RevenueReport."""
    return [*build_month_kpis(report), *build_retention_kpis(report), build_committed_kpi(report)]


def build_month_kpis(report):
    """Return the figures of this month to date.

    A month that is not over is compared with the same stretch of the one before, not with its end.
    """
    current, earlier, past = report.now, report.earlier, report.past[-13:]
    url = report.behind(month=f"{report.today:%Y-%m}")
    same_day = _("vs. %(date)s") % {"date": date_format(report.same_day, "M j")}
    paused = current.clients - current.paying
    return [
        Kpi(
            "mrr",
            "MRR",
            "money",
            current.closing,
            earlier.closing,
            url,
            against=same_day,
            line=[month.closing for month in past],
        ),
        Kpi(
            "arr",
            _("ARR, annualized"),
            "money",
            annualize(current.closing),
            annualize(earlier.closing),
            url,
            against=same_day,
            line=[annualize(month.closing) for month in past],
        ),
        Kpi(
            "net_new",
            _("Net new MRR this month"),
            "money",
            current.net_new,
            earlier.net_new,
            report.explain_month(report.today),
            note=_("to date"),
            against=_("vs. %(date)s") % {"date": stretch(report.same_day)},
            line=[month.net_new for month in past if month.status == CLOSED],
        ),
        Kpi(
            "clients",
            _("Paying clients"),
            "number",
            current.paying,
            earlier.paying,
            url,
            against=same_day,
            note=_("%(number)s paused") % {"number": paused} if paused > 0 else "",
            line=[month.paying for month in past],
        ),
        Kpi(
            "arpa",
            "ARPA",
            "money",
            metrics.arpa(current),
            metrics.arpa(earlier),
            url,
            against=same_day,
            line=[metrics.arpa(month) for month in past],
        ),
    ]


def build_retention_kpis(report):
    """Return NRR and GRR of the last month that is over."""
    retentions = [report.retention[month] for month in sorted(report.retention)]
    latest, previous = retentions[-1], retentions[-2] if len(retentions) > 1 else None
    return [
        Kpi(
            name,
            label,
            "percent",
            getattr(latest, rate),
            previous and getattr(previous, rate),
            report.behind(month=f"{latest.month:%Y-%m}", what="retention"),
            note=_("to %(month)s") % {"month": format_month(latest.month)},
            against=_("vs. %(date)s") % {"date": format_month(previous.month)} if previous else "",
            line=[getattr(retention, rate) for retention in retentions],
        )
        for name, label, rate in (("nrr", _("NRR, 12 months"), "net"), ("grr", _("GRR, 12 months"), "gross"))
    ]


def build_committed_kpi(report):
    """Return the MRR that is agreed for the end of three months from now."""
    ahead = months_after(report.today, 3)
    return Kpi(
        "committed",
        _("Committed in 3 months"),
        "money",
        report.ledger.month(ahead).closing,
        report.now.closing,
        report.behind(month=f"{ahead:%Y-%m}"),
        against=_("vs. today"),
        line=[month.closing for month in report.months if month.status != CLOSED],
    )


def stretch(day):
    """Return the days of a month up to one of them: "Oct 1 to 15", "Oct 1"."""
    first = date_format(day.replace(day=1), "M j")
    return first if day.day == 1 else _("%(first)s to %(last)s") % {"first": first, "last": day.day}

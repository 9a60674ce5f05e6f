"""Database sizes S, M and L, identical on every machine."""

from dataclasses import dataclass

# Slugs of the measured workspaces, and the email of the measuring member.
MEASURED = LARGEST, MIDDLE, SMALL = "largest", "middle", "small"
EMAIL, PASSWORD = "bench@socius.example", "measured and weighed"


@dataclass(frozen=True)
class Scale:
    """Number of opportunities and workspaces; companies, people and tags are derived from them."""

    name: str
    opportunities: int
    workspaces: int
    largest: int  # opportunities of the largest workspace
    profiles: int  # revenue profiles, all in the largest

    def sizes(self):
        """Return {slug: opportunities}: the measured workspaces and others of decreasing size."""
        measured = dict(zip(MEASURED, (self.largest, 3_500, 1_000), strict=True))
        number, remaining = self.workspaces - len(measured), self.opportunities - sum(measured.values())
        weights = [1 / place**0.7 for place in range(1, number + 1)]
        other_items = [int(remaining * weight / sum(weights)) for weight in weights]
        if other_items:
            other_items[0] += remaining - sum(other_items)
        return measured | {f"other-{place}": size for place, size in enumerate(other_items, 1)}


SCALES = {
    "S": Scale("S", 5_500, 3, 1_000, 100),
    "M": Scale("M", 100_000, 20, 30_000, 1_000),
    "L": Scale("L", 1_000_000, 200, 300_000, 10_000),
}

"""When things happened: working hours of the past, never later than now."""

import datetime


class Timestamps:
    """Draws moments. All are relative to `now`, so that a demo is never old."""

    def __init__(self, random, now, zone):
        self.random, self.now, self.zone = random, now, zone

    def at_work(self, moment):
        """A moment of that day's working hours, on Friday where it is a weekend; at the latest now."""
        day = moment.astimezone(self.zone)
        day -= datetime.timedelta(max(day.weekday() - 4, 0))
        hour, minute = (
            self.random.choice((8, 9, 9, 10, 10, 11, 13, 14, 15, 15, 16, 17)),
            self.random.randrange(60),
        )
        return min(day.replace(hour=hour, minute=minute, second=self.random.randrange(60)), self.now)

    def ago(self, days):
        """A moment about so many days ago."""
        return self.at_work(self.now - datetime.timedelta(days))

    def later(self, moment, least, most):
        """A moment some days after another."""
        days = self.random.triangular(least, most, least + (most - least) / 3)
        return max(self.at_work(moment + datetime.timedelta(days)), moment)

    def between(self, first, last):
        """A moment between two."""
        return first + (last - first) * self.random.random()

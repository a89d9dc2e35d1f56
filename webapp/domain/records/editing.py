"""Two windows edit one record: the conflicts of the later one, and the next state of its form."""

from collections.abc import Mapping

from msgspec import Struct

from webapp.domain.records.validate import as_text
from webapp.domain.records.values import Value, folded


class Meanwhile(Struct, frozen=True):
    """A field that somebody else changed while a form was open.

    Attributes:
        name: the field.
        was: what the form was opened with.
        now: what the record holds.
        mine: what the form holds; differs from `was` only if it was changed there too.
    """

    name: str
    was: str
    now: str
    mine: str

    @property
    def is_contested(self) -> bool:
        """Whether both windows changed the field, differently."""
        return self.mine not in (self.was, self.now)


def rebase(
    given: Mapping[str, str], seen: Mapping[str, str], stored: Mapping[str, Value]
) -> tuple[list[Meanwhile], dict[str, str], dict[str, str]]:
    """Apply one's own changes to the record's present values.

    Args:
        given: What the form holds.
        seen: What it was opened with.
        stored: What the record holds now.

    Returns:
        What others changed, what the form should hold now, and the record's present values as texts. A field
        left untouched takes the new value, so that saving again does not take the other's change back.
    """
    now = {name: as_text(value) for name, value in stored.items()}
    meanwhile, values = [], dict(now)
    for name in dict.fromkeys((*given, *now)):
        before = folded(seen.get(name, ""))
        mine = folded(given.get(name, before))
        present = folded(now.get(name, ""))
        if mine != before:
            values[name] = mine
        if present != before:
            meanwhile.append(Meanwhile(name, before, present, mine))
    return meanwhile, values, now

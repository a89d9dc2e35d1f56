"""The two status tables together: where each value ends up when it goes to the other side and back."""

from collections.abc import Iterable

from msgspec import Struct


class RoundTrip(Struct, frozen=True):
    """A value's way over and back, again and again, until it repeats.

    `path` are the values in turn, of the side it began on and the other; `flips` says that it never rests.
    """

    is_remote: bool
    path: tuple[str, ...]
    flips: bool

    @property
    def is_changed(self) -> bool:
        """Whether the value comes back as another one."""
        return any(value != self.path[0] for value in self.path[2::2])


def round_trips(status_in: dict[str, str], status_out: dict[str, str]) -> list[RoundTrip]:
    """The way of every value: the remote ones first, then the local ones.

    Args:
        status_in: Remote values with the local ones.
        status_out: Our values with HubSpot's.
    """
    remote = [_followed(value, status_in, status_out, is_remote=True) for value in status_in]
    local = [_followed(value, status_out, status_in, is_remote=False) for value in status_out]
    return remote + local


def flipping(trips: Iterable[RoundTrip]) -> RoundTrip | None:
    """The first value that would change back and forth forever."""
    return next((trip for trip in trips if trip.flips), None)


def _followed(start: str, over: dict[str, str], back: dict[str, str], *, is_remote: bool) -> RoundTrip:
    path, present, met = [start], start, {start}
    while (other := over.get(present)) is not None:
        path.append(other)
        returned = back.get(other)
        if returned is None:
            break
        path.append(returned)
        if returned in met:
            return RoundTrip(is_remote, tuple(path), flips=returned != present)
        met.add(returned)
        present = returned
    return RoundTrip(is_remote, tuple(path), flips=False)

"""The list of what needs a person, the most urgent first; empty if nothing does."""

from typing import Literal

from msgspec import Struct

from webapp.domain.connection.setup import next_step

Name = Literal["connect", "reconnect", "setup", "resume", "answer", "privacy", "decide", "failing", "compare"]


class Facts(Struct, frozen=True, kw_only=True):
    """The facts for the list.

    Attributes:
        is_connected: whether there is a connection, working or not.
        is_dead: whether its access stopped working.
        is_pulled: whether a first Pull has finished.
        is_pulling: whether a Pull is under way: the set-up then ends by itself.
        is_paused: whether a person has paused automatic sync.
        setup_done: the steps of the set-up that are done.
        asking: automatic runs that ask before a mass change.
        privacy: contacts deleted for privacy that wait for a decision.
        held, failing, duplicates: how much waits in these lists.
    """

    is_connected: bool
    is_dead: bool = False
    is_pulled: bool = False
    is_pulling: bool = False
    is_paused: bool = False
    setup_done: tuple[str, ...] = ()
    asking: int = 0
    privacy: int = 0
    held: int = 0
    failing: int = 0
    duplicates: int = 0


class Need(Struct, frozen=True):
    """Something that a person should do, with its count or the step of the set-up."""

    name: Name
    count: int = 0
    step: str | None = None


def needs(facts: Facts) -> list[Need]:
    """All of it."""
    found: list[Need] = []
    if not facts.is_connected:
        found.append(Need("connect"))
    elif facts.is_dead:
        found.append(Need("reconnect"))
    elif not facts.is_pulled and not facts.is_pulling:
        found.append(Need("setup", step=next_step(facts.setup_done)))
    elif facts.is_paused:
        found.append(Need("resume"))
    counted: tuple[tuple[Name, int], ...] = (
        ("answer", facts.asking),
        ("privacy", facts.privacy),
        ("decide", facts.held),
        ("failing", facts.failing),
        ("compare", facts.duplicates),
    )
    return found + [Need(name, count) for name, count in counted if count]

"""The stream of a run: the parts of its page that have changed, and how many entries are new.

No entry is sent: what somebody reads stays where it is, and the page offers to show what came since. So
a frame costs one short query and a few small templates, however quick the run is and however many watch. When
the run ends, the last frame fetches what depends on the person: what can be done now.
"""

from markupsafe import Markup

from webapp.domain.runs.endings import all_listed, listed_count
from webapp.store.runs import log
from webapp.store.runs.log import EntryFilter, Run, RunRow
from webapp.store.runs.runs import named_counts
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.web.live.parts import Shown, put_into
from webapp.web.live.watch import Frame, Watch
from webapp.web.presentation import number
from webapp.web.runs.labels import is_over
from webapp.web.runs.parts import parts, rendered
from webapp.web.services import services

NEW = "entries-new"
"""The element that says how many entries are new."""


def listed(run: Run, entry_filter: EntryFilter) -> int:
    """How many entries a filter shows by the counts of a run, which know neither reasons nor names."""
    if entry_filter.ending is not None:
        return listed_count(named_counts(run), entry_filter.ending, entry_filter.object_type)
    counts = run.counts
    kind = entry_filter.object_type
    return all_listed({kind: counts.get(kind, {})} if kind else counts)


class RunNow:
    """A run at one moment, and the frames that were made of it: those who see the same are sent the same."""

    def __init__(self, row: RunRow, behind: Run | None) -> None:
        self.run = row.run
        self.shown = Shown(parts(row, behind))
        self.made: dict[tuple[Markup, Markup], Frame] = {}


class RunStream(Watch):
    """One viewer's stream of one run.

    Args:
        run_id: The run.
        entry_filter: Which entries the page shows.
        shown: What `listed` answered when it showed them.
        address: The page, with its filter.
    """

    def __init__(self, run_id: int, entry_filter: EntryFilter, shown: int, address: str) -> None:
        super().__init__(("run", run_id), run_id)
        self._run_id = run_id
        self._address = address
        self._entry_filter = entry_filter
        self._listed = shown
        self._before: Shown | None = None
        self._new: str | None = None

    def read(self, _before: RunNow | None) -> RunNow | None:
        """The run; it opens the database, reads and closes it. None where it is not there any more."""
        with services().database.reading() as session:
            row = log.run_row(session, self._run_id)
            if row is None:
                return None
            is_behind = row.run.state == "queued"
            behind = log.running_bulk(session, row.run.connection_id) if is_behind else None
        return RunNow(row, behind)

    def frames(self, now: RunNow | None) -> list[Frame]:
        """The changes for this viewer; at the end also the actions that are now possible."""
        if now is None:
            return [Frame("over", is_last=True)]
        changed, own = now.shown.since(self._before), self._own(now.run)
        self._before = now.shown
        if not is_over(now.run):
            if not changed and not own:
                return []
            return [now.made.setdefault((changed, own), Frame("parts", changed + own))]
        return [Frame("parts", changed + own + self._ending()), Frame("over", is_last=True)]

    def _own(self, run: Run) -> Markup:
        """How many entries are new to this viewer, where that has changed."""
        new = self._new_text(run)
        if new == self._new:
            return Markup()
        self._new = new
        return put_into(NEW, new)

    def _new_text(self, run: Run) -> str:
        new = listed(run, self._entry_filter) - self._listed
        if new <= 0:
            return ""
        if self._entry_filter.is_counted:
            return str(ngettext("%(count)s new entry", "%(count)s new entries", new, count=number(new)))
        return str(_("New entries"))

    def _ending(self) -> Markup:
        """Fetch what can be done now; the entries as well where none were shown."""
        return rendered("runs/page/_ending.html", address=self._address, has_entries=self._listed > 0)

"""What the stream of a run sends: the parts of its page that have changed, and how many entries are new.

No entry is sent: what somebody reads stays where it is, and the page offers to show what came since. So
a frame costs one short query and a few small templates, however quick the run is. When the run ends, the last
frame fetches what depends on the person: what can be done now.
"""

from markupsafe import Markup, escape

from webapp.domain.runs.endings import all_listed, listed_count
from webapp.store.runs import log
from webapp.store.runs.log import EntryFilter, Run, RunRow
from webapp.store.runs.runs import named_counts
from webapp.text.translated import gettext as _
from webapp.text.translated import ngettext
from webapp.web.presentation import number
from webapp.web.runs.labels import is_over
from webapp.web.runs.parts import Parts, parts, rendered
from webapp.web.services import services
from webapp.web.sse import SIGN_OF_LIFE, Frame

NEW = "entries-new"
"""The element that says how many entries are new."""


def listed(run: Run, entry_filter: EntryFilter) -> int:
    """How many entries a filter shows by the counts of a run, which know neither reasons nor names."""
    if entry_filter.ending is not None:
        return listed_count(named_counts(run), entry_filter.ending, entry_filter.object_type)
    counts = run.counts
    kind = entry_filter.object_type
    return all_listed({kind: counts.get(kind, {})} if kind else counts)


class RunStream:
    """One viewer's stream of one run.

    Args:
        run_id: The run.
        entry_filter: Which entries the page shows.
        shown: What `listed` answered when it showed them.
        address: The page, with its filter.
    """

    def __init__(self, run_id: int, entry_filter: EntryFilter, shown: int, address: str) -> None:
        self._run_id = run_id
        self._address = address
        self._entry_filter = entry_filter
        self._shown = shown
        self._parts: Parts = {}

    def look(self) -> list[Frame]:
        """The frames that are due; each look opens the database, reads and closes it."""
        with services().database.reading() as session:
            row = log.run_row(session, self._run_id)
            if row is None:
                return [Frame("over", is_last=True)]
            is_behind = row.run.state == "queued"
            behind = log.running_bulk(session, row.run.connection_id) if is_behind else None
        changed = self._changed(row, behind)
        if not is_over(row.run):
            return [Frame("parts", changed) if changed else SIGN_OF_LIFE]
        return [Frame("parts", changed + self._ending()), Frame("over", is_last=True)]

    def _changed(self, row: RunRow, behind: Run | None) -> Markup:
        """The parts that differ from what was sent before, each to be put into its element."""
        now = parts(row, behind)
        now[NEW] = escape(self._new_text(row.run))
        changed = {name: html for name, html in now.items() if self._parts.get(name) != html}
        self._parts = now
        return Markup().join(
            Markup('<div id="{}" hx-swap-oob="innerHTML">{}</div>').format(name, html)
            for name, html in changed.items()
        )

    def _new_text(self, run: Run) -> str:
        new = listed(run, self._entry_filter) - self._shown
        if new <= 0:
            return ""
        if self._entry_filter.is_counted:
            return str(ngettext("%(count)s new entry", "%(count)s new entries", new, count=number(new)))
        return str(_("New entries"))

    def _ending(self) -> Markup:
        """Fetch what can be done now; the entries as well where none were shown."""
        return rendered("runs/_ending.html", address=self._address, has_entries=self._shown > 0)

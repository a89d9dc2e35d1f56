"""What the stream of a run sends: first the newest entries as a replacement, then what came since.

A frame holds at most fifty entries; however fast a run is, two frames a second reach the browser, and what
did not fit is counted. When the run ends, the newest entries are sent once more, so that nothing is missing.
"""

from collections import deque

from flask import render_template
from markupsafe import Markup

from webapp.store.runs import log
from webapp.store.runs.log import EntryFilter, LogEntry, Run, RunRow
from webapp.web.runs.labels import is_over
from webapp.web.runs.parts import Parts, parts, rendered
from webapp.web.services import services
from webapp.web.sse import Frame

NEWEST = 200
_MOST_A_FRAME = 50
# A browser keeps at most so many; the oldest are taken out, or an hour of watching would stall it.
_MOST_KEPT = 1000


class RunStream:
    """One viewer's stream of one run: what was sent, and what to send next."""

    def __init__(self, run_id: int, entry_filter: EntryFilter) -> None:
        self._run_id = run_id
        self._entry_filter = entry_filter
        self._last_seq: int | None = None
        self._parts: Parts = {}
        self._kept: deque[int] = deque()
        self._left_out = 0
        self._companies: dict[int, str] = {}

    def look(self) -> list[Frame]:
        """The frames that are due; each look opens the database, reads and closes it."""
        with services().database.reading() as session:
            row = log.run_row(session, self._run_id)
            if row is None:
                return [Frame("over", is_last=True)]
            is_replacement = self._is_replacement(row.run)
            if is_replacement:
                page = log.entries(session, row.run, self._entry_filter, limit=NEWEST)
                entries, left_out = page.rows, 0
            else:
                entries, left_out = log.newer_entries(
                    session, row.run, self._entry_filter, after_seq=self._last_seq or 0, limit=_MOST_A_FRAME
                )
            self._companies |= log.companies_named(session, entries)
        self._last_seq = row.run.last_seq
        if is_replacement:
            frames = [self._replacement(row, entries)]
        else:
            frames = self._increment(row, entries, left_out)
        return [*frames, Frame("over", is_last=True)] if is_over(row.run) else frames

    def _is_replacement(self, run: Run) -> bool:
        """At first; and at the end, unless everything is in the page already."""
        if self._last_seq is None:
            return True
        has_gaps = self._left_out > 0 or run.last_seq - self._last_seq > _MOST_A_FRAME
        return is_over(run) and (has_gaps or not self._kept)

    def _replacement(self, row: RunRow, entries: list[LogEntry]) -> Frame:
        self._kept = deque(entry.seq for entry in reversed(entries))
        self._left_out = 0
        html = self._entries(row, entries) or render_template("runs/_no_entries.html", run=row.run)
        return Frame("replacement", html + self._changed(row))

    def _increment(self, row: RunRow, entries: list[LogEntry], left_out: int) -> list[Frame]:
        was_empty = not self._kept
        self._left_out += left_out
        self._kept.extend(entry.seq for entry in reversed(entries))
        html = self._entries(row, entries) + self._changed(row) + self._dropped()
        if was_empty and entries:
            html += '<li id="no-entries" hx-swap-oob="delete"></li>'
        return [Frame("increment", html)] if html else []

    def _entries(self, row: RunRow, entries: list[LogEntry]) -> str:
        if not entries:
            return ""
        companies, self._companies = self._companies, {}
        return render_template("runs/_entries.html", entries=entries, row=row, companies=companies).strip()

    def _changed(self, row: RunRow) -> str:
        """The parts that differ from what was sent before, each to be put into its element."""
        now = parts(row)
        now["run-left-out"] = rendered("runs/_left_out.html", left_out=self._left_out)
        if is_over(row.run):
            now["run-actions"] = Markup()
            if row.run.is_preview:
                # The page as it is now offers to run it, and shows what has changed since.
                now["run-preview"] = rendered("preview/_preview_over.html", run=row.run)
        changed = {name: html for name, html in now.items() if self._parts.get(name) != html}
        self._parts = now
        return "".join(
            Markup('<div id="{}" hx-swap-oob="innerHTML">{}</div>').format(name, html)
            for name, html in changed.items()
        )

    def _dropped(self) -> str:
        """Take the oldest entries out of the page."""
        oldest = [self._kept.popleft() for _ in range(len(self._kept) - _MOST_KEPT)]
        return "".join(f'<li id="entry-{seq}" hx-swap-oob="delete"></li>' for seq in oldest)

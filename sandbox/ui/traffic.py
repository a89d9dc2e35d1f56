"""Calls, how far the limits are used up, and deliveries of webhook events; live with `live=1`."""

import time
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from sandbox.calls.limits import BURST_WINDOW_S, SEARCH_WINDOW_S
from sandbox.control import refuse_other_sites
from sandbox.desk import counts
from sandbox.kinds import CONTACTS
from sandbox.store.portal import Portal
from sandbox.webhooks.deliveries import Deliveries

SHOWN = 100
LIVE_EVERY_S = 1


class Gauge(NamedTuple):
    """A limit: what it counts, how many of it are used now, and how many are allowed; None: not enforced."""

    label: str
    used: int
    most: int | None


def traffic_blueprint(portal: Portal, deliveries: Deliveries) -> Blueprint:
    """The calls page, the deliveries page, and the test button."""
    blueprint = Blueprint("traffic", __name__)
    blueprint.before_request(refuse_other_sites)

    def calls() -> str:
        with portal.lock:
            return render_template(
                "calls.html",
                portal=portal,
                entries=list(portal.log)[: -SHOWN - 1 : -1],
                counts=counts(portal),
                gauges=gauges(portal),
                live_every_s=_live(),
            )

    def shown_deliveries() -> str:
        state = deliveries.state()
        with portal.lock:
            return render_template(
                "deliveries.html",
                portal=portal,
                state=state,
                entries=list(deliveries.latest)[: -SHOWN - 1 : -1],
                live_every_s=_live(),
            )

    def press_test_button() -> Response:
        with portal.lock:
            if portal.settings.webhook_url:
                portal.events.test(CONTACTS)
        return redirect("/deliveries", 303)

    blueprint.add_url_rule("/calls", "calls", calls)
    blueprint.add_url_rule("/deliveries", "deliveries", shown_deliveries)
    blueprint.add_url_rule("/deliveries/test", "test", press_test_button, methods=["POST"])
    return blueprint


def gauges(portal: Portal) -> list[Gauge]:
    """How far each limit is used up at this moment."""
    limits, settings, now = portal.limits, portal.settings, time.monotonic()
    found = [
        Gauge(
            f"calls of {label} in the last {BURST_WINDOW_S:.0f} s",
            sum(at > now - BURST_WINDOW_S for at in limits.bursts[is_oauth]),
            settings.rate_limit,
        )
        for label, is_oauth in (("static tokens", False), ("OAuth", True))
    ]
    searches = sum(at > now - SEARCH_WINDOW_S for at in limits.searches)
    found.append(Gauge("searches in the last second", searches, settings.search_limit))
    found.append(Gauge("calls of static tokens today", limits.used_today, settings.daily_limit))
    return found


def _live() -> int | None:
    return LIVE_EVERY_S if request.args.get("live") == "1" else None

"""Each notification goes out once for each change of state, by the real mail server (B56)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.support.applications.app import application
from tests.support.applications.services import bound_jobs, current_services, reading, writing
from tests.support.samples.factories import make_remote_object, make_run
from tests.support.servers.smtp import Mailbox
from tests.support.usecases import pulling
from webapp.domain.notifications.kinds import Choice
from webapp.errors import problem
from webapp.models import Connection, HourlyChange, Mail, RemoteObject, User
from webapp.settings import Settings
from webapp.store.connection import connections, troubles
from webapp.store.notifications import mails
from webapp.store.runs import runs
from webapp.text.refusals import stored_text
from webapp.usecases.notifications import choose, due
from webapp.usecases.runs import machinery

pytestmark = [pytest.mark.usefixtures("clock"), pytest.mark.one_database]


def _send_all() -> None:
    """Send whatever waits, as the workers do."""
    with reading() as session:
        waiting = mails.due(session, datetime.now(UTC))
    for mail_id in waiting:
        bound_jobs().send_mail(mail_id)


def _subjects(mailbox: Mailbox) -> list[str]:
    _send_all()
    return [message["Subject"] for message in mailbox.messages]


def _text(mailbox: Mailbox, number: int = -1) -> str:
    body = mailbox.messages[number].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _speak_german(user: User) -> None:
    with writing() as session:
        found = session.get(User, user.id)
        assert found is not None
        found.language = "de"


def _choose(user: User, **chosen: Choice) -> None:
    choose.save(current_services(), user.id, chosen)


def _end(connection_id: int, state: str, error: str | None = None, kind: str = "reconcile") -> None:
    run = make_run(connection_id, kind=kind, trigger="schedule", state="running")
    with writing() as session:
        assert runs.end(session, run.id, state, datetime.now(UTC), error=error)


def _hold(connection_id: int, numbers: range) -> None:
    for number in numbers:
        make_remote_object(connection_id, str(number))


def _forget_objects(*, all_but: int) -> None:
    with writing() as session:
        for one in session.query(RemoteObject).order_by(RemoteObject.id).offset(all_but):
            session.delete(one)


@pytest.mark.every_database
def test_a_lost_connection_is_mailed_to_who_wants_it_and_to_nobody_else(
    connection_id: int, mailbox: Mailbox, administrator: User, member: User
) -> None:
    _choose(administrator, lost_connection=Choice(is_on=False))
    _choose(member, lost_connection=Choice(is_on=True))
    for _ in range(2):
        with writing() as session:
            connections.mark_failing(session, connection_id, problem("reconnect"))
    assert _subjects(mailbox) == ["Automatic sync with HubSpot is paused"]
    assert mailbox.messages[0]["To"] == member.email
    assert "HubSpot no longer accepts the stored access" in _text(mailbox)
    assert "/integrations/hubspot" in _text(mailbox)
    assert "/profile/notifications" in _text(mailbox)


def test_trouble_of_the_account_is_the_same_choice(
    connection_id: int, mailbox: Mailbox, administrator: User
) -> None:
    _choose(administrator, lost_connection=Choice(is_on=False))
    with writing() as session:
        assert troubles.record(session, connection_id, problem("plan_expired", said="x"), datetime.now(UTC))
    assert _subjects(mailbox) == []


@pytest.mark.every_database
def test_a_reconcile_that_fails_is_mailed_once_until_one_succeeds(
    connection_id: int, mailbox: Mailbox, administrator: User
) -> None:
    for _ in range(3):
        _end(connection_id, "failed", "waited_too_long")
    assert _subjects(mailbox) == ["Checking for missed changes has failed"]
    assert mailbox.messages[0]["To"] == administrator.email
    assert "It waited a whole day without getting further." in _text(mailbox)
    assert "/sync-log/1" in _text(mailbox)
    _end(connection_id, "finished")
    _end(connection_id, "failed", "unexpected")
    assert len(_subjects(mailbox)) == 2


def test_a_reconcile_that_the_connection_has_ended_says_nothing_of_its_own(
    connection_id: int, mailbox: Mailbox
) -> None:
    _end(connection_id, "failed", "reconnect")
    _end(connection_id, "cancelled", "disconnected")
    _end(connection_id, "failed", "unexpected", kind="refresh")
    assert _subjects(mailbox) == []


@pytest.mark.every_database
def test_much_that_is_held_is_mailed_to_each_by_their_own_limit_and_once(
    connection_id: int, mailbox: Mailbox, administrator: User, member: User
) -> None:
    _choose(administrator, many_held=Choice(is_on=True, above=20))
    _choose(member, many_held=Choice(is_on=True, above=30))
    _hold(connection_id, range(21))
    for _ in range(2):
        due.add_due(current_services())
    assert _subjects(mailbox) == ["21 records need a decision"]
    assert mailbox.messages[0]["To"] == administrator.email
    assert "More than 20 records are waiting for somebody to decide." in _text(mailbox)
    _hold(connection_id, range(100, 110))
    due.add_due(current_services())
    assert [message["To"] for message in mailbox.messages] == [administrator.email]
    assert len(_subjects(mailbox)) == 2
    assert mailbox.messages[1]["To"] == member.email


@pytest.mark.every_database
def test_a_few_more_or_less_are_no_news_and_a_new_crossing_is(
    connection_id: int, mailbox: Mailbox, administrator: User
) -> None:
    _choose(administrator, many_held=Choice(is_on=True, above=20))
    _hold(connection_id, range(21))
    due.add_due(current_services())
    for left, mailed in ((19, 1), (18, 1)):
        _forget_objects(all_but=left)
        due.add_due(current_services())
        assert len(_subjects(mailbox)) == mailed
    _hold(connection_id, range(200, 210))
    due.add_due(current_services())
    assert len(_subjects(mailbox)) == 2


def test_who_switches_it_off_and_on_again_hears_how_things_stand(
    connection_id: int, mailbox: Mailbox, administrator: User
) -> None:
    _hold(connection_id, range(3))
    for is_on in (True, False, True):
        _choose(administrator, many_held=Choice(is_on=is_on, above=2))
        due.add_due(current_services())
    assert len(_subjects(mailbox)) == 2


@pytest.mark.every_database
def test_the_week_is_summed_up_on_monday_once_for_who_wants_it(
    connection_id: int, mailbox: Mailbox, administrator: User, clock: time_machine.Traveller, week: timedelta
) -> None:
    _choose(administrator, weekly_summary=Choice(is_on=True))
    due.add_due(current_services())
    assert _subjects(mailbox) == [], "nothing about the time before it was chosen"
    in_the_week = datetime(2026, 12, 3, 9, tzinfo=UTC)
    with writing() as session:
        session.add_all(
            [
                HourlyChange(
                    connection_id=connection_id, hour=in_the_week, run_id=1, direction="in", changes=1200
                ),
                HourlyChange(
                    connection_id=connection_id, hour=in_the_week, run_id=2, direction="out", changes=7
                ),
                HourlyChange(
                    connection_id=connection_id,
                    hour=in_the_week - week,
                    run_id=3,
                    direction="in",
                    changes=50,
                ),
            ]
        )
    _hold(connection_id, range(2))
    clock.move_to(datetime(2026, 12, 7, 8, 1, tzinfo=UTC))
    for _ in range(2):
        due.add_due(current_services())
    assert _subjects(mailbox) == ["Twinbook's week, 30 Nov to 7 Dec"]
    text = _text(mailbox)
    assert "Changes from HubSpot: 1,200" in text
    assert "Changes sent to HubSpot: 7" in text
    assert "Need a decision now: 2" in text
    assert "Runs that failed: 0" in text
    assert text.splitlines()[0] == "Twinbook's week, 30 Nov to 7 Dec"
    _speak_german(administrator)
    clock.shift(week)
    due.add_due(current_services())
    assert _subjects(mailbox)[1:] == ["Die Woche in Twinbook, 7. Dez. bis 14. Dez."]
    assert _text(mailbox).splitlines()[0] == "Die Woche in Twinbook, 7. Dez. bis 14. Dez."


def test_without_a_connection_nothing_is_due(
    connection_id: int, mailbox: Mailbox, administrator: User, clock: time_machine.Traveller
) -> None:
    _choose(administrator, weekly_summary=Choice(is_on=True), many_held=Choice(is_on=True, above=1))
    _hold(connection_id, range(5))
    with writing() as session:
        session.get_one(Connection, connection_id).state = "disconnected"
    clock.shift(timedelta(days=14))
    due.add_due(current_services())
    assert _subjects(mailbox) == []


def test_whoever_may_not_log_in_any_more_gets_nothing(
    connection_id: int, mailbox: Mailbox, administrator: User
) -> None:
    with writing() as session:
        session.get_one(User, administrator.id).is_active = False
    _end(connection_id, "failed", "unexpected")
    assert _subjects(mailbox) == []


def test_a_machine_without_mail_settings_leaves_mail_to_those_that_have_them(
    connection_id: int, settings: Settings, mailbox: Mailbox
) -> None:
    """It would show it in its log, and call it sent."""
    machinery.sign_mail_server(current_services())
    _end(connection_id, "failed", "unexpected")
    with application(replace(settings, mail_server="")) as second, second.app_context():
        _send_all()
    [mail] = pulling.all_rows(Mail)
    assert (mail.state, mailbox.messages) == ("waiting", [])
    assert "no MAIL_SERVER" in stored_text(mail.error_text or "")
    with writing() as session:
        session.get_one(Mail, mail.id).not_before = None
    assert len(_subjects(mailbox)) == 1


def test_a_notification_is_repeated_under_one_message_id(
    connection_id: int, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As every mail: what the server may have is not sent under another name."""
    _end(connection_id, "failed", "unexpected")
    services = current_services()
    given: list[str] = []
    send = services.mailer.send

    def recorded(*args: object, message_id: str, **kwargs: object) -> bool:
        given.append(message_id)
        return send(*args, message_id=message_id, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(services.mailer, "send", recorded)
    state = pulling.all_rows(Mail)[0]
    monkeypatch.setattr(mailbox, "handle_DATA", _refuses_once(mailbox))
    _send_all()
    assert pulling.all_rows(Mail)[0].state == "waiting"
    with writing() as session:
        session.get_one(Mail, state.id).not_before = None
    _send_all()
    assert len(set(given)) == 1
    assert [message["Message-ID"] for message in mailbox.messages] == [given[0]]


def _refuses_once(mailbox: Mailbox) -> object:
    keep = mailbox.handle_DATA
    refused: list[bool] = []

    async def handle(server: object, session: object, envelope: object) -> str:
        if not refused:
            refused.append(True)
            return "451 later"
        return await keep(server, session, envelope)  # type: ignore[arg-type]

    return handle

"""From the clock to the mail: due slots, one run a slot, figures by right, files once, failures told."""

import io
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.core import mail as sent_mail
from django.utils import timezone
from openpyxl import load_workbook

from crm import jobs, mail
from crm.files import StorageFull, open_file
from crm.models import OutboxMessage, RoleRule, StoredFile, Team
from crm.roles import rules
from reports import delivery, failures, services
from reports.models import ReportRun, ReportSchedule, RunArtefact, RunCopy
from reports.scopes import scope_of
from reports.tests.factories import make_schedule
from sales.tests.factories import make_opportunity
from tests.cast import again, make_role, make_user

State, Copy = OutboxMessage.State, RunCopy.State


@pytest.fixture(autouse=True)
def quiet(files_folder, monkeypatch):
    """No worker is woken; the tests run what is queued themselves."""
    for module in ("broker", "jobs", "mail"):
        monkeypatch.setattr(f"crm.{module}.wake", lambda *_args: True)


@pytest.fixture
def deals(people):
    """Alice 500,000 in North; Carol 7,000 in South."""
    make_opportunity(people.alice, name="Northern", amount=D(500_000))
    make_opportunity(people.carol, name="Southern", amount=D(7_000))
    return people


def carry_out(run):
    """What a worker does with the job of the run."""
    assert jobs.run(run.job_id)
    run.refresh_from_db()
    return run


def run_of(schedule, **options):
    return carry_out(services.run_now(schedule, actor=schedule.owner, token="t", **options))


def send_all():
    for pk in OutboxMessage.objects.filter(state=State.QUEUED).values_list("pk", flat=True):
        mail.send(pk)


def book_of(copy):
    with open_file(copy.artefacts.get(format="xlsx").file) as file:
        return load_workbook(io.BytesIO(file.read()))


def copies(run):
    return {copy.user.username: copy for copy in run.copies.select_related("user", "message")}


# --- The clock ---


def overdue(schedule, **ago):
    ReportSchedule.objects.filter(pk=schedule.pk).update(next_at=timezone.now() - timedelta(**ago))
    schedule.refresh_from_db()


def test_a_schedule_that_is_due_starts_one_run_however_often_the_clock_ticks(people):
    schedule = make_schedule(people.alice, frequency="daily", users=[people.alice])
    overdue(schedule, hours=1)
    assert services.start_due_schedules() == 1
    assert services.start_due_schedules() == 0
    run = ReportRun.objects.get()
    assert (run.schedule, run.kind, run.job.user) == (schedule, "scheduled", people.alice)
    schedule.refresh_from_db()
    assert schedule.next_at > timezone.now()


def test_missed_slots_run_once_with_the_latest_of_them(people):
    schedule = make_schedule(people.alice, frequency="daily", users=[people.alice])
    overdue(schedule, days=9)
    services.start_due_schedules()
    run = ReportRun.objects.get()
    assert timezone.now() - timedelta(days=1) < run.due_at <= timezone.now()


def test_a_slot_that_was_begun_already_is_not_begun_again(people):
    schedule = make_schedule(people.alice, frequency="daily", users=[people.alice])
    overdue(schedule, hours=1)
    services.start_due_schedules()
    overdue(schedule, hours=1)  # as if the second tick had read the row before the first one wrote it
    services.start_due_schedules()
    assert ReportRun.objects.count() == 1


def test_paused_and_deleted_schedules_start_nothing(people):
    paused = make_schedule(people.alice, users=[people.alice])
    services.set_active(paused, False, actor=people.alice)
    gone = make_schedule(people.alice, users=[people.alice])
    ReportSchedule.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    assert services.start_due_schedules(timezone.now() + timedelta(days=30)) == 0
    services.set_active(paused, True, actor=people.alice)
    assert paused.next_at > timezone.now()


# --- Who gets what ---


def test_everybody_gets_the_figures_of_the_own_rights_and_no_others(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice, deals.carol, deals.erin]))
    found = copies(run)
    assert {name: book_of(copy).worksheets[0]["B7"].value for name, copy in found.items()} == {
        "alice": 500_000,
        "carol": 7_000,
        "erin": 507_000,
    }
    names = {name: {cell.value for cell in book_of(copy).worksheets[1]["B"][1:]} for name, copy in found.items()}
    assert names == {"alice": {"Northern"}, "carol": {"Southern"}, "erin": {"Northern", "Southern"}}
    assert {name: copy.message.attachments.count() for name, copy in found.items()} == {
        "alice": 2,
        "carol": 2,
        "erin": 2,
    }
    for name, copy in found.items():
        assert set(copy.message.attachments.all()) == {artefact.file for artefact in copy.artefacts.all()}
        assert ("Southern" in copy.message.html) is (name != "alice")
    assert run.finished_at is not None


def test_people_who_see_everything_share_one_file_a_language_that_names_none_of_them(deals):
    role = make_role("All", 4)
    for name, language in (("ann", "en"), ("ben", "en"), ("cui", "zh-hans")):
        make_user(name, None, role, language=language)
    run = run_of(make_schedule(deals.alice, roles=[role]))
    found = copies(run)
    assert RunArtefact.objects.filter(run=run).count() == 4
    assert set(found["ann"].artefacts.all()) == set(found["ben"].artefacts.all())
    assert set(found["ann"].artefacts.all()).isdisjoint(found["cui"].artefacts.all())
    shared = "".join(str(cell.value) for row in book_of(found["ann"]).worksheets[2].iter_rows() for cell in row)
    assert "Ann" not in shared
    assert "Ben" not in shared
    assert "Hello Ann," in found["ann"].message.text
    assert "Hello Ben," in found["ben"].message.text


def test_two_people_of_one_team_get_files_of_their_own(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice, deals.bob]))
    found = copies(run)
    assert set(found["alice"].artefacts.all()).isdisjoint(found["bob"].artefacts.all())


def test_each_mail_is_in_the_recipients_language(deals):
    type(deals.carol).objects.filter(pk=deals.carol.pk).update(language="zh-hans")
    found = copies(run_of(make_schedule(deals.alice, users=[deals.alice, deals.carol])))
    assert "Hello Alice," in found["alice"].message.text
    assert "Hello Carol," not in found["carol"].message.text
    assert found["carol"].artefacts.filter(language="zh-hans", format="pdf").exists()


def test_who_may_not_see_the_report_gets_no_mail(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice, deals.dave]))
    found = copies(run)
    assert (found["dave"].state, found["dave"].message) == (Copy.FORBIDDEN, None)
    assert run.job.counts == {"mailed": 1, "forbidden": 1}


def test_who_may_not_take_records_out_gets_the_mail_without_files(deals):
    RoleRule.objects.filter(role=deals.worker, action="export").delete()
    found = copies(run_of(make_schedule(deals.alice, users=[deals.alice, deals.erin])))
    assert found["alice"].message.attachments.count() == 0
    assert "500" in found["alice"].message.text
    assert found["erin"].message.attachments.count() == 2


def test_only_with_data_sends_nothing_to_who_would_get_nothing(deals):
    empty = make_user("eve", Team.objects.create(name="Empty"), deals.worker)
    run = run_of(make_schedule(deals.alice, users=[deals.alice, empty]))
    assert copies(run)["eve"].state == Copy.EMPTY
    assert OutboxMessage.objects.filter(user=empty).count() == 0
    run = run_of(make_schedule(deals.alice, users=[empty], only_with_data=False))
    assert copies(run)["eve"].message.state == State.QUEUED


def test_a_test_run_goes_to_its_starter_alone_even_when_empty(deals):
    schedule = make_schedule(deals.alice, users=[deals.carol, deals.erin])
    run = carry_out(services.send_test(schedule, actor=deals.alice, token="x"))
    assert list(copies(run)) == ["alice"]
    assert "Stop these mails" not in copies(run)["alice"].message.text


def test_who_left_gets_nothing(deals):
    schedule = make_schedule(deals.alice, users=[deals.alice, deals.carol])
    services.leave(schedule, user=deals.carol)
    assert list(copies(run_of(schedule))) == ["alice"]


# --- Just before sending ---


def test_a_mail_whose_rights_have_changed_is_held_and_the_owner_told(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice, deals.carol]))
    deals.carol.groups.clear()
    send_all()
    found = copies(run)
    assert found["alice"].message.state == State.SENT
    assert (found["carol"].message.state, [m.to for m in sent_mail.outbox]) == (State.HELD, [["alice@banyan.example"]])
    failures.tell_of_undelivered()
    failures.tell_of_undelivered()
    notice = OutboxMessage.objects.get(kind=failures.NOTICE)
    assert notice.user == deals.alice
    assert "Carol: The recipient’s rights have changed since the report was made." in notice.text


def test_the_scope_changes_with_every_change_of_rights(deals):
    from crm.access import share

    before = scope_of(again(deals.carol)).key
    assert scope_of(again(deals.carol)).key == before
    rows = share(make_opportunity(deals.alice), deals.carol, actor=deals.alice)
    shared = scope_of(again(deals.carol)).key
    assert shared != before
    for row in rows:
        row.delete()
    assert scope_of(again(deals.carol)).key == before
    type(deals.carol).objects.filter(pk=deals.carol.pk).update(team=deals.north)
    assert scope_of(again(deals.carol)).key != before


def test_one_refused_recipient_does_not_keep_the_others_from_theirs(deals):
    type(deals.carol).objects.filter(pk=deals.carol.pk).update(email=None)
    run = run_of(make_schedule(deals.alice, users=[deals.alice, deals.carol, deals.erin]))
    send_all()
    states = {name: copy.message.state for name, copy in copies(run).items()}
    assert states == {"alice": State.SENT, "carol": State.REFUSED, "erin": State.SENT}
    failures.tell_of_undelivered()
    assert "Carol: There is no e-mail address." in OutboxMessage.objects.get(kind=failures.NOTICE).text


def test_a_run_whose_mails_are_still_on_the_way_is_not_told_of_yet(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice]))
    failures.tell_of_undelivered()
    run.refresh_from_db()
    assert run.told_at is None
    send_all()
    failures.tell_of_undelivered()
    run.refresh_from_db()
    assert run.told_at is not None
    assert OutboxMessage.objects.filter(kind=failures.NOTICE).count() == 0


# --- When something breaks ---


class Crash(BaseException):
    """As if the worker had been killed."""


def test_a_worker_that_dies_between_two_people_serves_each_of_them_once(deals, monkeypatch):
    run = services.run_now(
        make_schedule(deals.alice, users=[deals.alice, deals.carol, deals.erin]), actor=deals.alice, token="t"
    )
    whole = delivery.write_to
    calls = []

    def dies_at_the_second(user, *args):
        calls.append(user)
        if len(calls) == 2:
            raise Crash
        whole(user, *args)

    monkeypatch.setattr(delivery, "write_to", dies_at_the_second)
    with pytest.raises(Crash):
        jobs.run(run.job_id)
    assert (RunCopy.objects.count(), OutboxMessage.objects.count(), RunArtefact.objects.count()) == (1, 1, 2)
    jobs.Job.objects.filter(pk=run.job_id).update(lease_until=timezone.now() - timedelta(minutes=5))
    carry_out(run)
    assert sorted(copies(run)) == ["alice", "carol", "erin"]
    assert OutboxMessage.objects.filter(kind="report").count() == 3
    assert RunArtefact.objects.count() == StoredFile.objects.count() == 6


def test_a_full_disk_leaves_nothing_and_the_next_attempt_succeeds(deals, monkeypatch):
    run = services.run_now(make_schedule(deals.alice, users=[deals.alice]), actor=deals.alice, token="t")
    whole = delivery.save_file
    monkeypatch.setattr(delivery, "save_file", full_disk)
    jobs.run(run.job_id)
    run.job.refresh_from_db()
    assert run.job.state == "queued"
    assert (RunCopy.objects.count(), RunArtefact.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)
    monkeypatch.setattr(delivery, "save_file", whole)
    jobs.Job.objects.filter(pk=run.job_id).update(next_try_at=timezone.now())
    carry_out(run)
    assert copies(run)["alice"].message.attachments.count() == 2


def full_disk(*_args, **_options):
    raise StorageFull


def test_when_all_attempts_fail_the_owner_is_told_once(deals, monkeypatch):
    run = services.run_now(make_schedule(deals.alice, users=[deals.alice]), actor=deals.alice, token="t")
    monkeypatch.setattr(delivery, "save_file", full_disk)
    for _attempt in range(3):
        jobs.run(run.job_id)
        jobs.Job.objects.filter(pk=run.job_id).update(next_try_at=timezone.now())
    run.job.refresh_from_db()
    assert run.job.state == "failed"
    failures.tell_of_undelivered()
    notice = OutboxMessage.objects.get()
    assert (notice.kind, notice.user) == (failures.NOTICE, deals.alice)
    assert "There is no room left on the server's disk" in notice.text


def test_an_owner_who_lost_the_right_commands_no_mails(deals):
    schedule = make_schedule(deals.alice, users=[deals.carol])
    RoleRule.objects.filter(model="reports.reportschedule").delete()
    run = run_of(schedule)
    assert (run.job.state, OutboxMessage.objects.filter(kind="report").count()) == ("failed", 0)


def test_of_a_switched_off_owner_the_administrators_hear(deals):
    schedule = make_schedule(deals.alice, users=[deals.carol])
    run = services.run_now(schedule, actor=deals.alice, token="t")
    type(deals.alice).objects.filter(pk=deals.alice.pk).update(is_active=False)
    carry_out(run)
    assert [notice.user for notice in OutboxMessage.objects.filter(kind=failures.NOTICE)] == [deals.root]


def test_a_report_that_no_longer_exists_fails_with_a_clear_word(deals):
    run = run_of(make_schedule(deals.alice, users=[deals.alice], report="gone"))
    assert (run.job.state, run.job.error) == ("failed", "This version of Banyan does not have this report.")


def test_the_shipped_managers_keep_schedules_of_their_own():
    found = rules()
    assert found["Sales manager", "reports.reportschedule", "add"] == 1
    assert found["Administrator", "reports.reportschedule", "change"] == 4
    assert ("Sales rep", "reports.reportschedule", "add") not in found

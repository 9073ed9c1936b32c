"""One's own jobs and, for Administrators, the outbox: nobody reaches another's, and opening is logged."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crm import broker, jobs, mail
from crm.access import Action, Reach
from crm.files import save_file
from crm.mail import queue_mail, queue_secret_mail
from crm.models import AccessLogEntry, Job, OutboxMessage, RoleRule, User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def surroundings(settings, tmp_path, woken):
    settings.FILES_DIR = tmp_path
    jobs.job("count", label=_("Count"), outcomes={"counted": ("Counted", "green")})(lambda job, progress: None)
    yield
    del jobs.kinds["count"]


def make_user(username="alice"):
    return User.objects.create_user(username, name=username.title(), language="en")


def make_administrator():
    root = make_user("root")
    role = Group.objects.create(name="Mail")
    root.groups.add(role)
    for action in (Action.VIEW, Action.CHANGE):
        RoleRule.objects.create(role=role, model="crm.outboxmessage", action=action, reach=Reach.ALL)
    return root


def make_job(user, **more):
    return Job.objects.create(user=user, kind="count", **{"title": "Count to three", **more})


def test_a_list_holds_ones_own_jobs_and_no_others(client):
    alice, bob = make_user(), make_user("bob")
    mine, other = make_job(alice), make_job(bob, title="Bob's secret")
    client.force_login(alice)
    page = client.get(reverse("job-list"))
    assert [job.pk for job in page.context["jobs"]] == [mine.pk]
    assert other.title not in page.content.decode()
    assert mine.number in page.content.decode()


def test_an_empty_list_says_what_will_appear(client):
    client.force_login(make_user())
    assert "No jobs yet" in client.get(reverse("job-list")).content.decode()


def test_older_jobs_follow_on_the_next_page(client):
    alice = make_user()
    Job.objects.bulk_create(Job(user=alice, kind="count", title=f"Job {number}") for number in range(52))
    client.force_login(alice)
    first = client.get(reverse("job-list"))
    second = client.get(reverse("job-list"), {"before": first.context["older"]})
    assert (len(first.context["jobs"]), len(second.context["jobs"])) == (50, 2)
    assert (first.context["jobs"][0].title, second.context["jobs"][1].title) == ("Job 51", "Job 0")
    assert second.context["older"] is None
    assert client.get(reverse("job-list"), {"before": "x; DROP"}).status_code == 200


def test_another_persons_job_does_not_exist_for_one(client):
    stored = save_file(lambda file: file.write(b"x"), "x.csv", "text/csv", user=None)
    job = make_job(make_user("bob"), state="failed", file=stored)
    client.force_login(make_user())
    for name in ("record", "file"):
        assert client.get(reverse(f"job-{name}", args=[job.pk])).status_code == 404
    for name in ("cancel", "repeat"):
        assert client.post(reverse(f"job-{name}", args=[job.pk])).status_code == 404
    job.refresh_from_db()
    assert (job.state, AccessLogEntry.objects.exclude(kind="login").count()) == ("failed", 0)


def test_a_running_job_shows_progress_and_asks_again_until_it_has_ended(client):
    alice = make_user()
    started = timezone.now() - timedelta(seconds=60)
    job = make_job(alice, state="running", done=750, total=1000, started_at=started, counts={"counted": 750}, attempt=1)
    client.force_login(alice)
    page = client.get(job.get_absolute_url()).content.decode()
    assert 'hx-trigger="every 2s"' in page
    assert '<progress value="750" max="1000"' in page
    assert "about 20 s left" in page
    assert "Counted <b" in page
    part = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div class="stack g16" id="job"')
    Job.objects.filter(pk=job.pk).update(state="done", done=1000, finished_at=timezone.now())
    ended = client.get(job.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in ended
    assert "100%" in ended


def test_a_waiting_job_says_how_many_stand_before_it(client):
    alice = make_user()
    for _number in range(2):
        make_job(make_user(f"user{_number}"))
    job = make_job(alice)
    client.force_login(alice)
    assert "2 jobs before it" in client.get(job.get_absolute_url()).content.decode()


def test_cancel_and_try_again_are_posts_that_lead_back(client):
    alice = make_user()
    waiting, failed = make_job(alice), make_job(alice, state="failed", error="Line <7> has no name.", attempt=1)
    client.force_login(alice)
    assert "Line &lt;7&gt; has no name." in client.get(failed.get_absolute_url()).content.decode()
    for job, page, state in ((waiting, "job-cancel", "cancelled"), (failed, "job-repeat", "queued")):
        assert client.get(reverse(page, args=[job.pk])).status_code == 405
        response = client.post(reverse(page, args=[job.pk]))
        assert (response.status_code, response["Location"]) == (303, job.get_absolute_url())
        job.refresh_from_db()
        assert job.state == state


def test_the_file_of_a_job_is_downloaded_and_logged(client):
    alice = make_user()
    stored = save_file(lambda file: file.write(b"1,2"), "客户.csv", "text/csv", user=alice)
    job = make_job(alice, state="done", file=stored)
    client.force_login(alice)
    response = client.get(reverse("job-file", args=[job.pk]))
    assert b"".join(response.streaming_content) == b"1,2"
    entry = AccessLogEntry.objects.about(stored).get()
    assert (entry.kind, entry.user, entry.address, entry.facts) == ("download", alice, "127.0.0.1", {"job": job.pk})
    assert client.get(reverse("job-file", args=[make_job(alice).pk])).status_code == 404


def test_the_outbox_is_for_administrators_alone(client):
    message = queue_mail("notice", to="a@b.example", subject="Pipeline", text="42 open")
    client.force_login(make_user())
    assert client.get(reverse("outbox-list")).status_code == 403
    assert client.get(message.get_absolute_url()).status_code == 404
    assert client.post(reverse("outbox-send", args=[message.pk])).status_code == 404
    message.refresh_from_db()
    assert message.state == "queued"


def test_the_outbox_counts_by_state_and_finds_by_address_or_subject(client):
    for number in range(3):
        queue_mail("notice", to=f"a{number}@b.example", subject=f"Pipeline {number}", text="42 open")
    mail.send(OutboxMessage.objects.get(subject="Pipeline 1").pk)
    queue_mail("notice", to="nobody", subject="Refused <b>", text="x")
    client.force_login(make_administrator())
    page = client.get(reverse("outbox-list"))
    assert [tab["count"] for tab in page.context["tabs"]] == [4, 2, 1, 1, 0]
    assert "Refused &lt;b&gt;" in page.content.decode()
    assert "This is not an e-mail address." in page.content.decode()
    found = client.get(reverse("outbox-list"), {"state": "waiting", "q": "a2@"})
    assert [message.subject for message in found.context["messages_shown"]] == ["Pipeline 2"]
    assert "Nothing matches" in client.get(reverse("outbox-list"), {"q": "zzz\x00"}).content.decode()


def test_opening_a_mail_shows_its_text_and_files_and_is_logged(client):
    stored = save_file(lambda file: file.write(b"%PDF"), "管道.pdf", "application/pdf", user=None)
    other = save_file(lambda file: file.write(b"x"), "other.pdf", "application/pdf", user=None)
    message = queue_mail("notice", to="a@b.example", subject="Pipeline", text="42 <open>", attachments=[stored])
    root = make_administrator()
    client.force_login(root)
    page = client.get(message.get_absolute_url()).content.decode()
    assert "42 &lt;open&gt;" in page
    assert message.message_id.strip("<>") in page
    assert AccessLogEntry.objects.about(message).get().user == root
    response = client.get(reverse("outbox-file", args=[message.pk, stored.pk]))
    assert b"".join(response.streaming_content) == b"%PDF"
    assert AccessLogEntry.objects.about(stored).get().facts == {"mail": message.pk}
    assert client.get(reverse("outbox-file", args=[message.pk, other.pk])).status_code == 404


def test_a_refused_mail_is_sent_again_and_a_secret_one_is_not(client):
    message = queue_mail("notice", to="a@b.example", subject="Pipeline", text="42 open")
    secret = queue_secret_mail("a@b.example", "Reset", "https://x.example/abc")
    OutboxMessage.objects.filter(pk__in=(message.pk, secret.pk)).update(state="failed")
    client.force_login(make_administrator())
    assert "Send again" in client.get(message.get_absolute_url()).content.decode()
    assert "Send again" not in client.get(secret.get_absolute_url()).content.decode()
    client.post(reverse("outbox-send", args=[message.pk]))
    client.post(reverse("outbox-send", args=[secret.pk]))
    assert list(OutboxMessage.objects.order_by("pk").values_list("state", flat=True)) == ["queued", "failed"]


def test_health_is_open_and_tells_of_database_and_broker(client, monkeypatch):
    monkeypatch.setattr(broker, "is_awake", lambda: False)
    response = client.get(reverse("health"))
    assert (response.status_code, response.json()) == (200, {"database": "ok", "broker": "away"})

    def refuse():
        raise DatabaseError("gone")

    monkeypatch.setattr("crm.views.health.connection.cursor", refuse)
    response = client.get(reverse("health"))
    assert (response.status_code, response.json()) == (503, {"database": "away"})

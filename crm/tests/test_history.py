"""Changes know who made them, reads are logged, and history speaks of records of any kind."""

import pghistory
import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser

from crm.history import acting, log_access
from crm.models import AccessLogEntry, Deletion, FormToken, Job, Team, TimelineEntry, User

pytestmark = pytest.mark.django_db


def make_user(username="alice"):
    return User.objects.create_user(username, name=username.title())


def marks():
    """What a change made now would be marked with."""
    return pghistory.runtime._tracker.value.metadata


def test_changes_are_marked_with_the_person_and_the_job():
    alice = make_user()
    job = Job.objects.create(user=alice, kind="count")
    with acting(alice, url="/customers/7/"):
        assert marks() == {"user": alice.pk, "url": "/customers/7/"}
        with acting(alice, job):
            assert marks() == {"user": alice.pk, "url": "/customers/7/", "job": job.pk}


def test_nobody_and_strangers_are_marked_as_nobody():
    with acting(None):
        assert marks() == {"user": None}
    with acting(AnonymousUser()):
        assert marks() == {"user": None}


def test_a_read_is_logged_with_the_person_the_record_and_plain_facts():
    alice, team = make_user(), Team.objects.create(name="East")
    entry = log_access("export", user=alice, record=team, address="10.0.0.7", rows=120)
    entry.refresh_from_db()
    assert (entry.user, entry.kind, entry.address, entry.facts) == (alice, "export", "10.0.0.7", {"rows": 120})
    assert list(AccessLogEntry.objects.about(team)) == [entry]
    refused = log_access("login_failed", user=AnonymousUser(), username="alice")
    assert (refused.user, refused.subject_type, refused.address) == (None, None, None)


def test_an_unknown_kind_of_access_is_an_error():
    with pytest.raises(ValueError, match="not a valid"):
        log_access("peek", user=None)


def test_sign_ins_refusals_and_sign_outs_are_logged_without_passwords(client, rf):
    alice = make_user()
    alice.set_password("right-4-alice")
    alice.save()
    request = rf.post("/", REMOTE_ADDR="10.0.0.7")
    assert authenticate(request, username="alice", password="wrong-4-alice") is None
    assert client.login(username="alice", password="right-4-alice") is True
    client.logout()
    rows = AccessLogEntry.objects.order_by("pk").values_list("kind", "user", "address", "facts")
    assert list(rows) == [
        ("login_failed", None, "10.0.0.7", {"name": "alice"}),
        ("login", alice.pk, None, {}),
        ("logout", alice.pk, None, {}),
    ]


@pytest.mark.parametrize("model", [TimelineEntry, AccessLogEntry, Deletion, FormToken, Job])
def test_logs_and_personal_rows_are_hidden_from_people_without_a_role(model):
    alice, bob = make_user(), make_user("bob")
    if model in (FormToken, Job):
        mine = model.objects.create(user=alice)
        model.objects.create(user=bob)
        assert list(model.objects.visible_to(alice)) == [mine]
    else:
        model.objects.create()
        assert list(model.objects.visible_to(alice)) == []

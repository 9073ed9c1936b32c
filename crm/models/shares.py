"""The bases of the share tables of a root: guardian's direct tables with an end, a reason and a giver."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from crm.access import System


class ShareDetails(models.Model):
    """When a share ends, why it was given and by whom."""

    access = System()

    until = models.DateTimeField(_("until"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("given by")
    )

    class Meta:
        abstract = True


class UserShare(UserObjectPermissionBase, ShareDetails):
    """A share with one person. Concrete tables add `content_object`, a foreign key with related_name "user_shares"."""

    class Meta(UserObjectPermissionBase.Meta):
        abstract = True


class TeamShare(GroupObjectPermissionBase, ShareDetails):
    """A share with a team, through the team's group. Concrete tables add `content_object`, related_name
    "group_shares"."""

    class Meta(GroupObjectPermissionBase.Meta):
        abstract = True

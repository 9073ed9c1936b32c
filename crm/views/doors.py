"""The doors: every view of the product is one of these four kinds, and a test holds it."""

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.signing import BadSignature, TimestampSigner
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.views import View

from crm.access import Action, permission_name


class Door(View):
    """What all doors share: which action a view stands for and that unsafe settings fail at import."""

    is_open_door = False


class RecordView(Door):
    """A page about rows under the rule of access: it cannot reach a row its user may not.

    entity: given by the URL; model: the entity's, or named by the view. action: what the page does, declared by each
    view.
    Without the right on the model: 403 (lists show an empty state instead, see needs_right). An invisible row: 404.
    A visible row on which the action is not allowed: 403.
    """

    entity = None
    model = None
    action: str | None = None
    needs_right = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if cls.action is None:
            raise ImproperlyConfigured(f"{cls.__name__} must say which action it performs")
        Action(cls.action)

    @property
    def record_model(self):
        return self.entity.model if self.entity else self.model

    def dispatch(self, request, *args, **kwargs):
        if self.needs_right and not request.user.rights.may(self.record_model, self.action):
            self.refuse(**kwargs)
        return super().dispatch(request, *args, **kwargs)

    def refuse(self, pk: int | None = None, **kwargs):
        """403, or 404 when the page is about a row that the user must not know of."""
        if pk is not None and not self.visible().filter(pk=pk).exists():
            raise Http404
        raise PermissionDenied

    def visible(self, action: str = Action.VIEW):
        """The rows the user may see (or do `action` on)."""
        return self.record_model.objects.visible_to(self.request.user, action)

    def get_record(self, *related: str, lock: bool = False, **annotations):
        """The row of the URL with the page's action checked: 404 when invisible, 403 when the action is not allowed."""
        rows = self.visible().annotate(**annotations)
        rows = rows.select_related(*related) if related else rows
        record = get_object_or_404(rows.select_for_update(of=("self",)) if lock else rows, pk=self.kwargs["pk"])
        if self.action != Action.VIEW and not self.request.user.has_perm(
            permission_name(self.record_model, self.action), record
        ):
            raise PermissionDenied
        return record


class PersonalView(Door):
    """A page about rows that belong to the user alone; `mine` is the only way to them."""

    model = None

    def mine(self, model=None):
        return (model or self.model).objects.visible_to(self.request.user)


class SignedView(Door):
    """A page for whoever holds a signed token; salt keeps tokens of different pages apart, max_age is in seconds."""

    is_open_door = True
    salt = ""
    max_age = 30 * 24 * 3600

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.salt:
            raise ImproperlyConfigured(f"{cls.__name__} needs a salt")

    @classmethod
    def token_for(cls, value: str) -> str:
        return TimestampSigner(salt=cls.salt).sign(value)

    def signed_value(self, token: str) -> str:
        try:
            return TimestampSigner(salt=self.salt).unsign(token, max_age=self.max_age)
        except BadSignature as error:
            raise Http404 from error


class OpenView(Door):
    """A page for everybody. reason: why it may be open."""

    is_open_door = True
    reason = ""

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        if not cls.reason:
            raise ImproperlyConfigured(f"{cls.__name__} must say why it is open")

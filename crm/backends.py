"""Django's door to the rule of access: `user.has_perm` in terms of `visible_to`."""

from allauth.account.auth_backends import AuthenticationBackend

from crm.access import Action
from crm.models import User


class AccessBackend(AuthenticationBackend):
    """Login by username or e-mail, and `user.has_perm`: without an object "in principle", with one what visible_to
    says."""

    def get_user(self, user_id):
        user = User.objects.with_company().filter(pk=user_id).first()
        return user if user and user.is_active else None

    def get_all_permissions(self, user_obj, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {permission_from(model, action) for (model, action), reach in user_obj.rights.reaches.items() if reach}

    def has_perm(self, user_obj, perm, obj=None):
        if not user_obj.is_active or user_obj.is_anonymous:
            return False
        if obj is None:
            return perm in self.get_all_permissions(user_obj)
        model = type(obj)
        app, _, codename = perm.partition(".")
        action, _, name = codename.rpartition("_")
        if (app, name) != (model._meta.app_label, model._meta.model_name):
            return False
        return model.objects.visible_to(user_obj, Action(action)).filter(pk=obj.pk).exists()

    def has_module_perms(self, user_obj, app_label):
        return any(name.startswith(f"{app_label}.") for name in self.get_all_permissions(user_obj))


def permission_from(model_label: str, action: str) -> str:
    app, _, name = model_label.partition(".")
    return f"{app}.{action}_{name}"

"""Every model says by which kind of rule its rows are reached."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist

from crm.access import Catalogue, Part, Personal, Root, System, whole_model
from crm.models import RoleRule, User
from crm.roles import rules
from tests.cast import again, all_models, make_role, make_user

KINDS = (Root, Part, Catalogue, Personal, System)


def test_every_model_declares_its_kind_of_access():
    assert [model._meta.label for model in all_models() if not isinstance(model.access, KINDS)] == []


def test_every_root_has_owner_team_and_its_two_share_tables():
    for model in all_models():
        if isinstance(model.access, Root):
            assert model._meta.get_field("owner").null, model
            assert model._meta.get_field("team").null, model
            for relation in (model.access.user_shares, model.access.group_shares):
                table = model._meta.get_field(relation).related_model
                assert {"until", "reason", "content_object", "permission"} <= {f.name for f in table._meta.fields}, (
                    model
                )


def test_every_part_names_wholes_that_end_at_a_root():
    for model in all_models():
        if isinstance(model.access, Part):
            for path in model.access.wholes:
                whole = whole_model(model, path)
                assert isinstance(whole.access, (Root, Part)), f"{model._meta.label}.{path}"


def test_every_personal_model_has_its_user():
    for model in all_models():
        if isinstance(model.access, Personal):
            try:
                assert model._meta.get_field(model.access.user).related_model is User
            except FieldDoesNotExist:
                pytest.fail(f"{model._meta.label} has no field {model.access.user}")


def test_the_rules_of_the_shipped_roles_name_models_that_exist():
    assert {model for _role, model, _action in rules() if not known(model)} == set()


def known(label: str) -> bool:
    try:
        return bool(apps.get_model(label))
    except LookupError:
        return False


def test_an_unknown_action_raises(cast):
    from crm.entities import registry

    for entity in registry.values():
        with pytest.raises(ValueError, match="fly"):
            entity.model.objects.visible_to(cast.alice, "fly")


def test_rights_are_loaded_with_two_queries_whatever_is_asked(cast, django_assert_num_queries):
    from crm.entities import registry

    alice = again(cast.alice)
    with django_assert_num_queries(2):
        for entity in registry.values():
            alice.rights.may(entity.model)
            str(entity.model.objects.visible_to(alice).query)


def test_the_widest_role_wins(cast):
    wide = make_role("Wide", 4)
    mixed = make_user("mixed", cast.north, cast.worker, wide)
    from customers.models import Customer

    assert mixed.rights.reach(Customer, "view") == 4


def test_a_revoked_rule_works_on_the_next_request(cast):
    from customers.models import Customer

    assert again(cast.alice).rights.may(Customer)
    RoleRule.objects.filter(model="customers.customer").delete()
    assert not again(cast.alice).rights.may(Customer)


def test_guardians_generic_tables_stay_empty(cast):
    from guardian.models import GroupObjectPermission, UserObjectPermission

    assert UserObjectPermission.objects.count() == GroupObjectPermission.objects.count() == 0

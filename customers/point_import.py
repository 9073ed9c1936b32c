"""Contact points in an import: found by their fingerprints, added and changed beside their customer or contact."""

from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial

from django.core.exceptions import ValidationError

from crm import deletion
from crm.access import Action
from crm.exchange import parse_text
from crm.exchange.changing import change_rows
from crm.exchange.existing import Match
from crm.exchange.staging import add_rows, fresh_keys, insert_data, stored
from crm.json_text import encode
from crm.protection.cipher import cell, new_key, seal
from customers.models import ContactPoint
from customers.points import SCOPE, digest_of, normalised, tokens_of

POINT_VALUE = f"{SCOPE}.value"
COLUMNS = ("value", "digest", "tokens")


class WithPoints:
    """The points of what an Importer imports. kinds: of its columns; found_by: those that tell records apart."""

    kinds: tuple[str, ...] = ()
    found_by: tuple[str, ...] = ()

    @property
    def writes(self):
        return (*super().writes, ContactPoint)

    @property
    def holder(self) -> str:
        """The foreign key from a point to the record."""
        return self.model._meta.model_name

    def readers_beside(self):
        may_add = self.user.rights.may(ContactPoint, Action.ADD)
        return {kind: partial(parse_text, max_length=254) for kind in self.kinds} if may_add else {}

    def read(self, places, cells, record, errors, beside):
        """Points last: a number without + is at home where the customer is."""
        given = super().read(places, cells, record, errors, beside)
        for kind in self.kinds:
            if kind in beside:
                try:
                    beside[kind] = normalised(kind, beside[kind], getattr(record, "country", ""))
                except ValidationError as error:
                    errors[kind] = " ".join(error.messages)
        return given

    # -- records that exist ------------------------------------------------------------------------------------------
    def find_beside(self, drafts):
        """By a phone or an address of a record that the person sees."""
        prints: dict[bytes, list] = {}
        for draft in drafts:
            for kind in self.found_by:
                if kind in draft.beside:
                    draft.prints.append(digest_of(kind, draft.beside[kind]))
                    prints.setdefault(draft.prints[-1], []).append(draft)
        if not prints or not self.user.rights.may(ContactPoint):
            return
        holders = self.model.objects.visible_to(self.user)
        points = ContactPoint.objects.filter(**{"digest__anyof": prints, f"{self.holder}__in": holders.values("pk")})
        for digest, key in points.values_list("digest", self.holder):
            for draft in prints[bytes(digest)]:
                draft.found, draft.match = tuple({*draft.found, key}), Match.POINT

    def changeable(self, keys):
        """Also the fingerprints that these records have already."""
        found = super().changeable(keys)
        points = ContactPoint.objects.filter(**{f"{self.holder}__in": found})
        self.prints = {(key, bytes(digest)) for key, digest in points.values_list(self.holder, "digest")}
        return found

    def differing_beside(self, draft, target):
        points = {kind: draft.beside[kind] for kind in self.kinds if kind in draft.beside}
        return {k: value for k, value in points.items() if (target.pk, digest_of(k, value)) not in self.prints}

    def held_beside(self, records):
        """The values of each kind, the primary one first."""
        found: dict[tuple, list | None] = {}
        points = ContactPoint.objects.of(self.model.objects.filter(pk__in=records), self.user)
        for point in points.filter(kind__in=self.kinds).order_by("-is_primary", "pk"):
            place = (getattr(point, f"{self.holder}_id"), point.kind)
            if not point.is_unmasked or point.is_damaged:
                found[place] = None
            elif found.setdefault(place, []) is not None:
                found[place].append(point.value)
        return found

    # -- writing -----------------------------------------------------------------------------------------------------
    def point(self, key: int, kind: str, value: str, *, is_primary=True) -> dict:
        """What filled_of gives for a new point of a record: a file has two a line, and a model takes thrice as long."""
        own = new_key()
        return {
            f"{self.holder}_id": key,
            "kind": kind,
            "is_primary": is_primary,
            "key": own,
            "value": f"\\x{seal(value, cell(POINT_VALUE, own)).hex()}",
            "digest": f"\\x{digest_of(kind, value).hex()}",
            "tokens": tokens_of(kind, value),
            "created_by_id": self.user.pk,
            "modified_by_id": self.user.pk,
        }

    def point_rows(self, beside) -> str:
        points = ((key, kind, values) for key, values in beside.items() for kind in self.kinds if kind in values)
        return encode([self.point(key, kind, values[kind]) for key, kind, values in points])

    @cached_property
    def thread(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="points")

    @cached_property
    def ahead(self) -> dict:
        """{id of `beside`: (it, the future of its rows)} of the chunks that are being written."""
        return {}

    def work_ahead(self, beside):
        """Seal the points: after the database's own work that takes most of the time of an import."""
        self.ahead[id(beside)] = beside, self.thread.submit(self.point_rows, beside)

    def written(self, records, beside):
        _beside, ahead = self.ahead.pop(id(beside), (None, None))
        add_rows(ContactPoint, ahead.result() if ahead else self.point_rows(beside))
        super().written(records, beside)

    def change_beside(self, values, filling):
        """A new value takes the place of the primary one of its kind, as on the form; one that is there stays.

        Gives {key: [{"point", "kind", "old", "new"}, …]}; old is empty for a point that was added.
        """
        there: dict[tuple, list[tuple]] = {}
        found = ContactPoint.objects.filter(**{f"{self.holder}__pk__listed": values}).order_by()  # else it reads all
        for holder, kind, *point in found.values_list(f"{self.holder}_id", "kind", "pk", "is_primary", "digest"):
            there.setdefault((holder, kind), []).append(point)
        may_change = self.user.rights.may(ContactPoint, Action.CHANGE)
        done: dict[int, list[dict]] = {}
        primaries, new = {}, []
        for key, kinds in values.items():
            for kind, value in kinds.items():
                present, digest = there.get((key, kind), ()), digest_of(kind, value)
                if any(bytes(held) == digest for _pk, _is_primary, held in present) or (present and key in filling):
                    continue
                primary = next((pk for pk, is_primary, _digest in sorted(present) if is_primary), None)
                note = {"point": None, "kind": kind, "old": "", "new": value}
                done.setdefault(key, []).append(note)
                if primary and may_change:
                    primaries[primary] = (key, note)
                else:
                    new.append((key, note, primary is None))
        changed = {}
        for point in ContactPoint.objects.filter(pk__listed=primaries):
            key, note = primaries[point.pk]
            if point.is_damaged:
                new.append((key, note, False))
            else:
                note |= {"point": point.pk, "old": point.value}
                changed[point.pk] = columns_of(point, note["new"])
        change_rows(ContactPoint, changed, actor=self.user)
        added = {}
        for pk, (key, note, is_primary) in zip(fresh_keys(ContactPoint, len(new)), new, strict=True):
            note["point"] = pk
            added[pk] = self.point(key, note["kind"], note["new"], is_primary=is_primary)
        insert_data(ContactPoint, added)
        return done

    # -- taking back -------------------------------------------------------------------------------------------------
    def touched_beside(self, before):
        notes = {note["point"]: (key, note) for key, notes in before.items() for note in notes}
        digests = dict(ContactPoint.objects.filter(pk__in=notes).values_list("pk", "digest"))
        return {
            key
            for point, (key, note) in notes.items()
            if bytes(digests.get(point, b"")) != digest_of(note["kind"], note["new"])
        }

    def put_back_beside(self, before):
        notes = {note["point"]: note for notes in before.values() for note in notes}
        points = ContactPoint.objects.filter(pk__in=[key for key, note in notes.items() if note["old"]])
        change_rows(ContactPoint, {p.pk: columns_of(p, notes[p.pk]["old"]) for p in points}, actor=self.user)
        added = [key for key, note in notes.items() if not note["old"]]
        deletion.delete_many(ContactPoint.objects.filter(pk__in=added), actor=self.user)


def columns_of(point: ContactPoint, value: str) -> dict:
    """The columns of a point once it has the value."""
    point.value = value
    return {name: stored(point._meta.get_field(name), point) for name in COLUMNS}

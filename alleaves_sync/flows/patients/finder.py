"""Who the customer of an order is in the POS: found, one of several, nobody, or made (U1-U6).

Look-up and creation of one location must not run twice at once: callers hold its lock for orders. Profiles
are made under the lock of the account, after one more look: other locations make some too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from alleaves_sync.aiq.order_models import User
from alleaves_sync.alleaves.customers import CustomersApi
from alleaves_sync.alleaves.order_models import Customer, NewCustomer
from alleaves_sync.config.settings import PatientSettings
from alleaves_sync.errors import ServiceError, is_unclear
from alleaves_sync.flows.patients.links import Links
from alleaves_sync.flows.patients.looks import Found, Look, Nobody, Several, Unclear
from alleaves_sync.flows.patients.profiles import (
    as_customer,
    digits_in_a_row,
    identity,
    mentions,
    person_of,
    same,
)
from alleaves_sync.rules import matching
from alleaves_sync.rules.identity import normalise_medical_id
from alleaves_sync.rules.matching import By, Person, judge
from alleaves_sync.rules.phones import normalise_phone, spellings

# After an unclear creation the POS is asked for the new profile after these waits, in seconds (U5).
PATIENCE = (0.5, 1.0, 2.0, 4.0)
# Up to so many profiles are remembered for the rest of a run once everybody was scanned: some 20 MB.
MOST_REMEMBERED = 50_000


class PatientFinder:
    """Looks people up for one run, and makes profiles. For one thread.

    Every method raises LoginRefused and ServiceError, and what writing the links raises.
    """

    def __init__(
        self,
        api: CustomersApi,
        links: Links,
        settings: PatientSettings,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
    ) -> None:
        self._api = api
        self._links = links
        self._settings = settings
        self._clock = clock
        self._sleep = sleep
        self._everybody: dict[int, Customer] | None = None
        self._made: dict[int, Customer] = {}  # a POS may show a new profile late
        self._was_scanned = False
        self._ignores_query = False
        # A profile may have been made that does not show up yet. Who is not found now may be that one.
        self.creation_in_doubt = False
        self._good_query = 0

    def kinds(self, user: User, *, medical: bool) -> tuple[By, ...]:
        """What there is to look `user` up by, in the order of U1; empty: nothing (U1a).

        An adult-use customer without a phone is looked up by the medical ID, where there is one: creating
        without looking would make a new profile with every order.
        """
        has_phone = normalise_phone(user.phone, self._settings.region) is not None
        has_id = normalise_medical_id(user.medical_id) is not None
        by_id: tuple[By, ...] = ("medical_id",) if has_id and (medical or not has_phone) else ()
        return (*by_id, "phone") if has_phone else by_id

    def find(self, user: User, kinds: Sequence[By], *, distrust: bool = False) -> Look:
        """The profile of `user` (U1-U4). Before it says nobody, everybody has been scanned (U2).

        So has everybody before a medical ID that no query found gives way to the phone: it may be spelled in
        a way that no query meets, and the phone be a relative's.

        `distrust`: the index in the state is not believed, since a profile may have been made after it.
        """
        person = person_of(user)
        trusted = self._index_is_fresh() and not distrust
        look = self._by_search(person, user, kinds if trusted else kinds[:1])
        if trusted or not isinstance(look, Nobody):
            return look
        if not self._was_scanned:
            self._scan()
        return self._by_index(person, user, kinds)

    def find_anew(self, user: User, kinds: Sequence[By]) -> Look:
        """Look once more before a profile is made, believing nothing that was read before (U5).

        Another location of the account may have made one meanwhile. Also one that this program made and that
        the POS does not show yet is found, where the state file knows of it.
        """
        person = person_of(user)
        look = self._in_turn(person, kinds, lambda by: self._asked(by, user))
        if isinstance(look, Nobody) and self._ignores_query:
            self._scan()
            look = self._by_index(person, user, kinds)
        made = self._links.made_lately(identity(user, self._settings.region), self._clock())
        if isinstance(look, Nobody) and made is not None:
            return Found(made, kinds[0], look.contradicting)
        return look

    def forget(self, id_customer: int) -> None:
        """The POS does not take the profile: it is looked for anew from now on."""
        self._made.pop(id_customer, None)
        self._links.drop(id_customer)

    def create(self, user: User, kinds: Sequence[By]) -> Look:
        """Make a profile for `user`, who has both names. After an unclear answer it is looked for (U5).

        Raises the ServiceError of an unclear answer where the profile does not show up: it may come yet.
        """
        new = NewCustomer(
            name_first=(user.first_name or "").strip(),
            name_last=(user.last_name or "").strip(),
            phone=user.phone if "phone" in kinds else None,
            email=user.email,
            date_of_birth=user.birthday,
            patient_number=user.medical_id if normalise_medical_id(user.medical_id) else None,
            patient_number_expiration=user.medical_expiration,
            patient_state=user.medical_state,
        )
        try:
            made = self._api.create(new)
        except ServiceError as error:
            if not is_unclear(error):
                raise
            try:
                look = self._appeared(user, kinds)
            except ServiceError:
                look = Nobody()  # what counts is that the creation is in doubt
            if isinstance(look, Nobody):
                self.creation_in_doubt = True
                raise error from None
            return Found(look.id_customer, "created") if isinstance(look, Found) else look
        self._made[made.id_customer] = as_customer(made, new)
        self._remember(self._made[made.id_customer])
        self._links.note_made(identity(user, self._settings.region), made.id_customer, self._clock())
        return Found(made.id_customer, "created")

    # -- one kind after the other ----------------------------------------------------------------------------

    def _by_search(self, person: Person, user: User, kinds: Sequence[By]) -> Look:
        return self._in_turn(person, kinds, lambda by: self._candidates(by, user))

    def _by_index(self, person: Person, user: User, kinds: Sequence[By]) -> Look:
        return self._in_turn(person, kinds, lambda by: self._linked(by, user))

    def _in_turn(
        self, person: Person, kinds: Sequence[By], candidates: Callable[[By], Iterable[Customer]]
    ) -> Look:
        contradicting: tuple[int, ...] = ()
        for by in kinds:
            profiles = self._made | {one.id_customer: one for one in candidates(by)}
            today = self._clock().date()
            verdict = judge(person, profiles.values(), by, self._settings.region, today)
            contradicting = tuple(sorted({*contradicting, *verdict.contradicting}))
            match matching.decide(verdict.matches, self._settings.when_several):
                case matching.Found(id_customer):
                    self._remember(profiles[id_customer])
                    return Found(id_customer, by, contradicting, id_customer in verdict.renewed)
                case matching.Several(ids):
                    return Several(ids, by)
            if verdict.unclear:
                return Unclear(verdict.unclear, by)
        return Nobody(contradicting)

    def _candidates(self, by: By, user: User) -> Iterable[Customer]:
        """Profiles that may be the person's, from as few calls as will do."""
        linked = set(self._links.find(by, self._value(by, user)))
        if self._everybody is not None:
            return [self._everybody[one] for one in linked if one in self._everybody]
        if not linked:
            found = self._search(self._spellings(by, user))
            return self._linked(by, user) if found is None else found
        seen = self._look_for(linked, by, user)
        if linked <= seen.keys():
            if moved := {one for one in linked if not self._still_has(seen[one], by, user)}:
                for one in moved:
                    self._links.drop(one)
                return self._candidates(by, user)
            return seen.values()
        # The link may be right and the profile spelled in a way that no query meets: only everybody tells.
        self._scan()
        return self._linked(by, user)

    def _asked(self, by: By, user: User) -> Iterable[Customer]:
        """What the POS itself says now. Whoever made the profile may have spelled it in another way."""
        core = digits_in_a_row((user.phone if by == "phone" else user.medical_id) or "")
        found: dict[int, Customer] = {}
        for query in dict.fromkeys(one for one in (core, *self._spellings(by, user)) if one):
            if self._ignores_query:
                break
            for page in self._api.search(query):
                self._ignores_query |= not all(mentions(customer, query) for customer in page)
                found |= {customer.id_customer: customer for customer in page}
        return found.values()

    def _still_has(self, profile: Customer, by: By, user: User) -> bool:
        value = self._value(by, user)
        return any((kind, has) == (by, value) for kind, has, _ in self._links_of(profile))

    def _linked(self, by: By, user: User) -> Iterable[Customer]:
        """The profiles that the index names, which is fresh from a scan."""
        linked = set(self._links.find(by, self._value(by, user)))
        if self._everybody is not None:
            return [self._everybody[one] for one in linked if one in self._everybody]
        return self._look_for(linked, by, user).values() if linked else ()

    # -- asking ----------------------------------------------------------------------------------------------

    def _search(self, queries: Sequence[str]) -> Sequence[Customer] | None:
        """What the queries bring; None from a server that ignores them: then the index, made fresh, tells."""
        found: list[Customer] = []
        for query in () if self._ignores_query else queries:
            for page in self._api.search(query):
                if not all(mentions(customer, query) for customer in page):
                    self._ignores_query = True
                    break
                found += page
        if not self._ignores_query:
            return found
        if not self._index_is_fresh():
            self._scan()
        return None

    def _look_for(self, ids: set[int], by: By, user: User) -> dict[int, Customer]:
        """Profiles by id, asked for until all of `ids` are among them: one call where the link is right."""
        seen: dict[int, Customer] = {}
        core = digits_in_a_row((user.phone if by == "phone" else user.medical_id) or "")
        queries = [one for one in (core, *self._spellings(by, user), user.email, user.last_name) if one]
        places = sorted(range(len(queries)), key=lambda place: place != self._good_query)
        for place in places:
            for page in self._api.search(queries[place]):
                seen |= {customer.id_customer: customer for customer in page}
                if ids <= seen.keys():
                    self._good_query = place
                    return seen
                self._ignores_query |= not all(mentions(customer, queries[place]) for customer in page)
            if self._ignores_query:
                break  # that was everybody
        return seen

    def _scan(self) -> None:
        """Read everybody once and build the index anew (U2)."""
        started = self._clock()
        links: list[tuple[By, str, int]] = []
        everybody: dict[int, Customer] | None = {}
        for page in self._api.search(None):
            for customer in page:
                links += self._links_of(customer)
            if everybody is not None:
                everybody |= {customer.id_customer: customer for customer in page}
                everybody = everybody if len(everybody) <= MOST_REMEMBERED else None
        for made in self._made.values():
            links += self._links_of(made)
        self._links.replace_all(links, started)
        self._everybody = everybody
        self._was_scanned = True

    def _appeared(self, user: User, kinds: Sequence[By]) -> Look:
        """The profile that an unclear creation may have made: it has our own spelling."""
        person = person_of(user)
        for seconds in PATIENCE:
            self._sleep(seconds)
            asked: list[Customer] = []
            for by in kinds:
                for page in self._api.search((user.phone if by == "phone" else user.medical_id) or ""):
                    asked += page
            look = self._in_turn(person, kinds, partial(same, asked))
            if isinstance(look, Found):
                self._made |= {one.id_customer: one for one in asked if one.id_customer == look.id_customer}
            if not isinstance(look, Nobody):
                return look
        return Nobody()

    # -- what is known ---------------------------------------------------------------------------------------

    def _index_is_fresh(self) -> bool:
        at = self._links.indexed_at()
        age = timedelta(hours=float(self._settings.index_hours))
        return self._was_scanned or (at is not None and timedelta() <= self._clock() - at < age)

    def _links_of(self, customer: Customer) -> Iterator[tuple[By, str, int]]:
        if medical_id := normalise_medical_id(customer.patient_number):
            yield "medical_id", medical_id, customer.id_customer
        phones = {normalise_phone(one, self._settings.region) for one in (customer.phone, customer.phone2)}
        for phone in phones - {None}:
            yield "phone", str(phone), customer.id_customer

    def _remember(self, profile: Customer) -> None:
        for kind, value, id_customer in self._links_of(profile):
            if id_customer not in self._links.find(kind, value):
                self._links.add(kind, value, id_customer)

    def _value(self, by: By, user: User) -> str:
        if by == "medical_id":
            return normalise_medical_id(user.medical_id) or ""
        return normalise_phone(user.phone, self._settings.region) or ""

    def _spellings(self, by: By, user: User) -> list[str]:
        if by == "phone":
            return list(spellings(user.phone or "", self._settings.region))
        as_given = (user.medical_id or "").strip()
        return list(dict.fromkeys((as_given, self._value(by, user).upper())))

"""What a department's register says of persons and organisations: true values through its error model."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from resolver.synthetic import identity_errors as slips
from resolver.synthetic.departments import Department, Role
from resolver.synthetic.draws import Bools, Ints, Keys, pick, uniform
from resolver.synthetic.identity_errors import BIT, NumberSource, Rates, replace
from resolver.synthetic.inhabitants import Inhabitants
from resolver.synthetic.written_addresses import AddressParts, write_addresses, write_organisation_names

# What a row gives rightly of a person: with it namesakes are told apart.
FITS = ("number", "name", "birth", "sex", "village", "phone", "employer", "mother", "spouse", "household")
FIT = {name: np.int64(1) << np.int64(i) for i, name in enumerate(FITS)}

_PLAIN = ("id_type", "region", "household_no", "relation", "former_name", "ethnicity")
KIN = {"spouse": 0.03, "mother": 0.05, "father": 0.05}  # share of the household register that lacks them


@dataclass
class Written:
    """Some stored identities as written.

    Attributes:
        values: Attribute -> what is written; `sex` and `birth_date` still typed, all else text.
        errors: Bit mask of `identity_errors.ERRORS`.
        right: Bit mask of `FITS`: what is written and true.
    """

    values: dict[str, pa.Array]
    errors: Ints
    right: Ints

    def put(self, attribute: str, values: pa.Array, errors: Ints, right: Bools, fit: str = "") -> None:
        """Add an attribute with its errors, and mark where it is true."""
        self.values[attribute] = values
        self.errors |= errors
        self.right |= np.where(right, FIT[fit or attribute], np.int64(0))


@dataclass(frozen=True)
class Register:
    """Some identities that a department stores.

    Attributes:
        subject: Person or organisation numbers; -1 is written as nothing.
        keys: Keys of the stored identities, parallel: the same key is always written in the same way.
        guarded: Identities that carry a planted conflict: never without number, right name and birth date at once.
        guarded_kin: For each of `KIN` the identities with whose kin a conflict was planted: they name them.
    """

    inhabitants: Inhabitants
    department: Department
    rates: Rates
    subject: Ints
    keys: Keys
    guarded: Bools
    guarded_kin: Mapping[str, Bools]

    def of(self, column: str) -> pa.Array:
        """True values of a column of the persons table."""
        return self.inhabitants.of(column, self.subject)


def write_persons(register: Register, role: Role) -> Written:
    """Stored identities of persons as a department writes them; `role` says which attributes."""
    wanted = set(role.cells.values())
    n = len(register.keys)
    written = Written({}, np.zeros(n, np.int64), np.zeros(n, np.int64))
    _write_names(register, written)
    if "birth_date" in wanted:
        _write_birth_dates(register, written)
    if "id_number" in wanted:
        _write_numbers(register, written)
    if "phone" in wanted:
        true = register.of("phone")
        phones, errors = slips.write_phones(true, register.of("second_phone"), register.keys, register.rates)
        written.put("phone", phones, errors, (errors == 0) & _there(true))
    if "address" in wanted:
        _write_addresses(register, written)
    if "employer_name" in wanted:
        employer = register.inhabitants.related("employer", register.subject)
        names, errors = write_organisation_names(
            register.inhabitants.wordings, employer, register.keys, register.rates.employer_otherwise
        )
        written.put("employer_name", names, errors, employer >= 0, "employer")
    if "sex" in wanted:
        written.put("sex", register.of("sex"), np.int64(0) * written.errors, register.subject >= 0)
    for attribute in _PLAIN:
        if attribute in wanted:
            written.values[attribute] = register.of(attribute)
    _write_kin(register, wanted, written)
    return written


def _write_names(register: Register, written: Written) -> None:
    true = register.of("name")
    names, errors = slips.write_names(true, register.keys, register.rates.name)
    right = (errors == 0) & _there(true)
    names, noise = slips.disguise_names(names, register.keys)
    written.put("name", names, errors | noise, right)


def _write_birth_dates(register: Register, written: Written) -> None:
    subject = register.subject
    days = np.where(subject < 0, 0, register.inhabitants.birth_days[subject])
    days, there, errors = slips.write_birth_dates(days, register.keys, register.rates)
    there &= subject >= 0
    dates = pa.array(days.astype(np.int32), mask=~there).cast(pa.date32())
    written.put("birth_date", dates, errors, there & (errors == 0), "birth")


def _write_numbers(register: Register, written: Written) -> None:
    people, subject, keys = register.inhabitants, register.subject, register.keys
    known = subject >= 0
    source = NumberSource(
        true=register.of("id_number"),
        family=people.of("id_number", np.where(known, people.family[subject], -1)),
        birth_days=people.birth_days[subject],
        resident=people.resident[subject] & known,
    )
    numbers, errors = slips.write_numbers(source, keys, register.rates)
    # A planted conflict must stand on something: the number comes back where nothing else is right.
    lost = (errors == BIT["id_number:missing"]) & ((written.right & (FIT["name"] | FIT["birth"])) == 0)
    saved = np.flatnonzero(lost & register.guarded)
    numbers = replace(numbers, saved, source.true.take(pa.array(saved)))
    errors[saved] = 0
    right = ((errors & ~BIT["id_number:legacy"]) == 0) & _there(source.true)
    numbers, noise = slips.disguise_numbers(numbers, keys)
    written.put("id_number", numbers, errors | noise, right, "number")


def _write_addresses(register: Register, written: Written) -> None:
    people, subject = register.inhabitants, register.subject
    had_another = people.moved[subject] & (subject >= 0)
    share = max(float(people.moved.mean()), 0.05) if len(people) else 1.0
    moved = had_another & (uniform(register.keys, "moved") < min(register.rates.address_moved / share, 0.8))
    parts = AddressParts(
        city=register.of("city"),
        county=register.of("county"),
        town=register.of("town"),
        village=register.of("village"),
        door=pc.fill_null(register.of("door"), ""),
        former=register.of("former_village"),
    )
    style = register.department.address
    addresses, errors = write_addresses(parts, register.keys, moved, register.rates.address_otherwise, style)
    written.put("address", addresses, errors, ~moved & _there(addresses), "village")


def _write_kin(register: Register, wanted: set[str], written: Written) -> None:
    people, subject, keys = register.inhabitants, register.subject, register.keys
    for kin, lacking in KIN.items():
        free = ~register.guarded_kin[kin]
        person = np.where(free & (uniform(keys, kin) < lacking), -1, people.related(kin, subject))
        if f"{kin}_name" in wanted:
            written.values[f"{kin}_name"] = people.of("name", person)
        if f"{kin}_id" in wanted:
            known = np.where(free & (uniform(keys, f"{kin} number") < 2 * lacking), -1, person)
            written.values[f"{kin}_id"] = people.of("id_number", known)
    if "informant_name" in wanted:
        informant = np.where(subject < 0, -1, people.next_of_kin[subject])
        written.values["informant_name"] = people.of("name", informant)
        silent = uniform(keys, "informant phone") < register.rates.phone_missing
        written.values["informant_phone"] = people.of("phone", np.where(silent, -1, informant))


def write_organisations(register: Register, role: Role) -> Written:
    """Stored identities of organisations as a department writes them; `role` says which attributes."""
    people, organisation, keys = register.inhabitants, register.subject, register.keys
    rates = register.rates
    wanted = set(role.cells.values())
    n = len(keys)
    written = Written({}, np.zeros(n, np.int64), np.zeros(n, np.int64))
    names, errors = write_organisation_names(people.wordings, organisation, keys, rates.employer_otherwise)
    written.put("name", names, errors, (errors == 0) & (organisation >= 0))
    if "credit_code" in wanted:
        true = people.of_organisation("credit_code", organisation)
        draw = uniform(keys, "credit code")
        missing = np.flatnonzero((draw < rates.code_missing) & _there(true))
        typed = np.flatnonzero(
            (draw >= rates.code_missing) & (draw < rates.code_missing + rates.code_mistyped) & _there(true)
        )
        spin = pick(keys[typed], "credit code spin", 1 << 20).tolist()
        wrong = [
            _mistyped_code(code, r)
            for code, r in zip(true.take(pa.array(typed)).to_pylist(), spin, strict=True)
        ]
        errors = np.zeros(n, np.int64)
        errors[missing], errors[typed] = BIT["credit_code:missing"], BIT["credit_code:mistyped"]
        codes = replace(replace(true, typed, wrong), missing, [None] * len(missing))
        written.put("credit_code", codes, errors, (errors == 0) & _there(true), "number")
    for attribute in ("registration_no", "address"):
        if attribute in wanted:
            written.values[attribute] = people.of_organisation(attribute, organisation)
    return written


def _mistyped_code(code: str, spin: int) -> str:
    i = 8 + spin % 9  # within the organisation code, where most keys are typed
    wrong = [char for char in "0123456789" if char != code[i]]
    return code[:i] + wrong[(spin // 9) % len(wrong)] + code[i + 1 :]


def _there(values: pa.Array) -> Bools:
    return np.asarray(values.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)

"""Who may call which action and open which page: the matrix of the running portal, kept as a reviewed file.

    make with-stack CMD='python -m tests.shield.roles'     # writes tests/shield/roles.csv anew

`+` allowed, `-` refused (401, 403, 404, 410), `>` sent elsewhere, `!` failed, `.` no permission of its own, `*` not asked,
for it would act. The objects are a hidden dataset of one agency and what belongs to it; `other …` are people of another.
"""

from __future__ import annotations

import csv
import os
import secrets
from pathlib import Path

from tests.shield import inventory, permissions
from tests.shield.asking import Asker
from tests.shield.canary import Canary, People
from tests.shield.inventory import Inventory
from tests.shield.probes import ACTS, label, names, of_action, of_route

FILE = Path(__file__).parent / "roles.csv"
#: Role → (agency: 0 the canary's, 1 another, or none; capacity in it; roles of the state's).
ROLES: dict[str, tuple[int | None, str, tuple[str, ...]]] = {
    "no agency": (None, "", ()),
    "member": (0, "member", ()),
    "editor": (0, "editor", ()),
    "admin": (0, "admin", ()),
    "other member": (1, "member", ()),
    "other editor": (1, "editor", ()),
    "other admin": (1, "admin", ()),
    "reviewer": (None, "", ("reviewer",)),
    "manager": (None, "", ("manager",)),
}
ANONYMOUS, SYSADMIN = "anonymous", "sysadmin"
#: Those to whom a page that acts would listen.
POWERFUL = frozenset({"editor", "admin", SYSADMIN})
COLUMNS = (ANONYMOUS, *ROLES, SYSADMIN)
NOT_ASKED = "*"
Matrix = dict[str, dict[str, str]]


class Accounts:
    """One account for each role, with a token."""

    def __init__(self, people: People, agencies: tuple[str, str]) -> None:
        self.names = {ANONYMOUS: "", SYSADMIN: "admin"}
        self.tokens: dict[str, str | None] = {ANONYMOUS: None, SYSADMIN: people.tokens["sysadmin"]}
        call = people.sysadmin.call
        for role, (agency, capacity, rooms) in ROLES.items():
            name = f"{role.replace(' ', '-')}-{secrets.token_hex(3)}"
            call("user_create", name=name, email=f"{name}@example.org", password=secrets.token_urlsafe(16))
            if agency is not None:
                call("organization_member_create", id=agencies[agency], username=name, role=capacity)
            for room in rooms:
                call("edomex_release_role_grant", user=name, role=room)
            self.names[role] = name
            self.tokens[role] = call("api_token_create", user=name, name="matrix")["token"]


def matrix(people: People, portal: Inventory, canary: Canary, agencies: tuple[str, str], ini: str) -> Matrix:
    """The whole of it: actions by their permissions, pages by what they answer."""
    accounts = Accounts(people, agencies)
    named = names(canary.values)
    asked = {each.name: [probe.body or {} for probe in of_action(each, canary.values, named)] for each in portal.actions}
    rows: Matrix = permissions.ask(ini, accounts.names, asked)
    probes = {label(route): next(of_route(route, canary.values, named)) for route in portal.routes}
    for role in COLUMNS:
        mine = {name: probe for name, probe in probes.items() if name not in ACTS or role not in POWERFUL}
        told = Asker(people.url, accounts.tokens[role]).answers(mine.values())
        signs = {name: sign(answer.status_code) for name, answer in zip(mine, told, strict=True)}
        for name in probes:
            rows.setdefault(name, {})[role] = signs.get(name, NOT_ASKED)
    return rows


def sign(status: int) -> str:
    """What a page's status comes to."""
    return {2: permissions.ALLOWED, 3: ">", 4: permissions.REFUSED}.get(status // 100, permissions.BROKEN)


def read() -> Matrix:
    """The reviewed file."""
    with FILE.open(newline="") as file:
        return {row["action or page"]: {role: row[role] for role in COLUMNS} for row in csv.DictReader(file)}


def write(found: Matrix) -> None:
    """Keep a matrix, in a constant order."""
    with FILE.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["action or page", *COLUMNS], lineterminator="\n")
        writer.writeheader()
        writer.writerows({"action or page": name, **found[name]} for name in sorted(found))


def main() -> None:
    """Make it anew beside a stack."""
    from tests.shield.conftest import TOKENS

    people = People(os.environ["EDOMEX_URL"], {name: os.environ[f"EDOMEX_{token}_TOKEN"] for name, token in TOKENS.items()})
    agencies = (os.environ["EDOMEX_AGENCY"], os.environ["EDOMEX_OTHER_AGENCY"])
    canary = Canary(people, agencies[0])
    canary.hide()
    ini = os.environ["CKAN_INI"]
    write(matrix(people, inventory.of(ini), canary, agencies, ini))


if __name__ == "__main__":
    main()

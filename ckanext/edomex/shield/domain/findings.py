"""What the doctor can find: one table, from which it speaks, refuses a start, and is documented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from types import MappingProxyType

import yaml


class Severity(StrEnum):
    """How much it matters."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One thing that can be wrong, as `findings.yaml` describes it."""

    code: str
    severity: Severity
    symptom: str
    check: str
    says: str
    remedy: str
    #: Severity where the installation is no production.
    laptop: Severity
    #: Whether a production does not start with it.
    refuses: bool


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong here, and where it was seen: an option, a name, a number; never a secret."""

    code: str
    seen: str

    @property
    def kind(self) -> Kind:
        """Its row of the table."""
        return KINDS[self.code]

    @property
    def text(self) -> str:
        """What a person reads."""
        return f"{self.kind.says} ({self.seen}): {self.kind.remedy}"

    def severity(self, *, production: bool) -> Severity:
        """How much it matters here."""
        return self.kind.severity if production else self.kind.laptop


def _kinds() -> Mapping[str, Kind]:
    text = resources.files("ckanext.edomex.shield").joinpath("findings.yaml").read_text(encoding="utf-8")
    rows: dict[str, dict[str, str]] = yaml.safe_load(text)
    return MappingProxyType({code: _kind(code, row) for code, row in rows.items()})


def _kind(code: str, row: dict[str, str]) -> Kind:
    severity = Severity(row["severity"])
    texts = {name: row[name] for name in ("symptom", "check", "says", "remedy")}
    return Kind(
        code=code, severity=severity, laptop=Severity(row.get("laptop", severity)), refuses=bool(row.get("refuses", False)), **texts
    )


KINDS = _kinds()


def refusing(found: Iterable[Finding]) -> list[Finding]:
    """Those with which a production does not start."""
    return [finding for finding in found if finding.kind.refuses]

"""Actions on a source before it starts: which there are, what each would bring, a person's word."""

from __future__ import annotations

import logging
from typing import Any

from ckan import model as ckan_model
from ckan.plugins import toolkit as tk
from ckan.types import Context
from ckanext.harvest.logic import HarvestJobExists
from ckanext.harvest.model import HarvestSource

from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.parameters import read
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.federation import model
from ckanext.edomex.federation.domain.trials import OUTCOME_NAMES, TRIABLE, Standing
from ckanext.edomex.federation.logic import approvals, happenings, schema
from ckanext.edomex.federation.logic.sources import found, shown, summary

log = logging.getLogger(__name__)
Data = dict[str, Any]
#: Records in one answer, unless it is asked for fewer.
MOST = 100
NOT_TRIABLE = "Una fuente de este tipo no se puede ensayar. Use uno de los tipos de este portal, o apruébela sin ensayo."
GOES_ALREADY = "La fuente ya está aprobada: se cosecha según su frecuencia, o desde su página."
BUSY = "Ya se está leyendo esta fuente. Espere a que termine y vuelva a cargar la página."
MOVED = "La fuente cambió desde que usted la revisó. Ensáyela otra vez y revise lo que traería ahora."
UNTRIED = "Falta ensayar la fuente: nadie ha visto lo que traería. Ensáyela y revise el resultado."
UNREADABLE = "La fuente no se pudo leer en su último ensayo; no hay nada que aprobar."
NO_OUTCOME = "outcome es una de estas palabras: {}."


@tk.side_effect_free
def edomex_federation_source_list(context: Context, data_dict: Data) -> list[Data]:
    """The active sources that the caller may change or approve, by title.

    :returns: for each: `id`, `name`, `title`, `kind`, `url`, `frequency`, `agency`, `agency_title`, `standing` (`untried`,
        `unreadable`, `tried`, `approved`), `approved` (whether it may be harvested), `counts` of its records by state,
        `missing_count`, `held` (why a person has to decide on them, or None), `last_report`, `asked_at`, `whole_at`, `last_job`
        (`status`, `created`, `errors`, `error_count`)
    """
    tk.check_access("edomex_federation_source_list", context, {})
    active: Any = ckan_model.Session.query(HarvestSource).filter_by(active=True).order_by(HarvestSource.title, HarvestSource.id)
    return [summary(source) for source in active if _may_look(context, source.id)]


@tk.side_effect_free
def edomex_federation_trial_show(context: Context, data_dict: Data) -> Data:
    """What a source would bring, record by record: all but those that would stay as they are.

    :param id: id or name of the source
    :param outcome: only these: `new`, `changed`, `refused`, `gone` (optional)
    :param limit: at most so many (optional, 100)
    :param offset: without the first so many (optional)
    :returns: `count`, and `records`: `record_id`, `title`, `iri`, `outcome`, `reason`, `differences` (`field`, `file`, `before`,
        `after`)
    """
    data = read(schema.trying(), data_dict)
    source = found(context, "edomex_federation_trial_show", data["id"])
    outcome = data.get("outcome") or ""
    if outcome and outcome not in OUTCOME_NAMES:
        raise tk.ValidationError({"outcome": [NO_OUTCOME.format(", ".join(OUTCOME_NAMES))]})
    session = ckan_model.Session
    trial = session.get(model.Trial, source.id)
    if trial is None or trial.terms != approvals.terms(source):
        return {"count": 0, "records": []}
    limit = min(data.get("limit", MOST), MOST)
    rows = model.trial_records(session, source.id, outcome, data.get("offset", 0), limit)
    named = ("record_id", "title", "iri", "outcome", "reason", "differences")
    return {
        "count": model.trial_count(session, source.id, outcome),
        "records": [{name: getattr(row, name) for name in named} for row in rows],
    }


def edomex_federation_source_try(context: Context, data_dict: Data) -> Data:
    """Have a source read that is not approved: a job like any other, which takes nothing. 409 if it is being read.

    :param id: id or name of the source
    :returns: `job_id`
    """
    source = found(context, "edomex_federation_source_try", read(schema.only_id(), data_dict)["id"])
    if source.type not in TRIABLE:
        raise tk.ValidationError({"id": [NOT_TRIABLE]})
    if approvals.may_start(source):
        raise _conflict(GOES_ALREADY, Standing.APPROVED)
    return {"job_id": _job(source)}


def edomex_federation_source_approve(context: Context, data_dict: Data) -> Data:
    """Let a source start, as somebody saw it; its first harvest begins at once. 409 if it is another by now, or was not tried.

    :param id: id or name of the source
    :param terms: of `edomex_federation_source_show`, when the person looked
    :returns: as `edomex_federation_source_show`
    """
    data = read(schema.approving(), data_dict)
    source = found(context, "edomex_federation_source_approve", data["id"])
    with unit_of_work() as session:
        model.lock_source(session, source.id)
        standing = approvals.standing(session, source)
        if data["terms"] != approvals.terms(source):
            raise _conflict(MOVED, standing)
        if source.type in TRIABLE and standing in {Standing.UNTRIED, Standing.UNREADABLE}:
            raise _conflict(UNTRIED if standing == Standing.UNTRIED else UNREADABLE, standing)
        approvals.approve(session, source, context.get("user"))
        happenings.tell(source.id, "approved", data["terms"], actor=context.get("user"))
    log.info("source %s approved", source.id, extra={"event": "harvest.approved", "source": source.id})
    try:
        _job(source)
    except tk.ValidationError:
        # It is being read: that job ends as a trial, and the next one takes.
        log.info("source %s is being read", source.id, extra={"event": "harvest.approved_busy", "source": source.id})
    return shown(source)


def _job(source: Any) -> str:
    try:
        return call_as_site("harvest_job_create", source_id=source.id, run=True)["id"]
    except HarvestJobExists:
        raise _conflict(BUSY, approvals.standing(ckan_model.Session, source)) from None


def _may_look(context: Context, source_id: str) -> bool:
    try:
        return tk.check_access("edomex_federation_source_show", context, {"id": source_id})
    except tk.NotAuthorized:
        return False


def _conflict(text: str, standing: Standing) -> tk.ValidationError:
    return tk.ValidationError({"message": [text], "state": [standing.value], "allowed": []})

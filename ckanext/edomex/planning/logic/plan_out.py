"""What leaves a plan: a dataset of each line, the plan as a dataset of its own, documents in and out. Nothing becomes public here."""

from __future__ import annotations

import hashlib
import io
import logging
from typing import Any

from ckan import model
from ckan.lib.search.common import SearchIndexError
from ckan.plugins import toolkit as tk
from ckan.types import Context
from werkzeug.datastructures import FileStorage

from ckanext.edomex.adapters import index, parameters, storage
from ckanext.edomex.adapters.callers import need_account
from ckanext.edomex.adapters.unit_of_work import unit_of_work
from ckanext.edomex.adapters.vocabularies import choices
from ckanext.edomex.adapters.workbooks import csv_of
from ckanext.edomex.planning.domain import plan as rules
from ckanext.edomex.planning.domain.errors import FieldError, MoveForbiddenError
from ckanext.edomex.planning.logic import access, plan_content, schema, steps
from ckanext.edomex.planning.model import Document, Line, Plan, hold, new_id

log = logging.getLogger(__name__)

Data = dict[str, Any]
#: Endings of documents that offices write.
DOCUMENT_ENDINGS = (".pdf", ".docx", ".odt", ".jpg", ".jpeg", ".png")
LARGEST_DOCUMENT_MB = 20
#: Title of a dataset, at most.
LONGEST_TITLE = 200


def edomex_plan_line_draft(context: Context, data_dict: Data) -> Data:
    """Make the dataset of a line, as a private draft filled in from the plan; the one that was made is answered again.

    :param id: id of the line
    :returns: the line; its `dataset` is the draft
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    made = None
    with steps.domain_errors(), unit_of_work() as session:
        line = access.find_line(context, data["id"])
        tk.check_access("edomex_plan_line_draft", context, {"agency": line.agency_id})
        # Two who ask at once meet here; the second finds what the first made.
        hold(session, line.agency_id)
        session.refresh(line, with_for_update=True)
        if not _lives(line.dataset_id):
            before, made = line.dataset_id, _create(context, _fields_of(line))
            line.dataset_id = made
            steps.tell(context, line, "line", "draft", changes={"dataset_id": [before, made]})
    if made:
        _index(made)
    return plan_content.present_line(context, access.find_line(context, data["id"]))


def edomex_plan_publish(context: Context, data_dict: Data) -> Data:
    """Make the dataset by which an approved plan is published, as a private draft, or bring the one that there is up to date.

    It is sent, reviewed and released like any other; where it is public already, an edition of it is opened. The officials
    that ADELA's table names are not in its file.

    :param id: id of the plan
    :returns: `{dataset_id}`: the private dataset to go on with
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    made = None
    with steps.domain_errors(), unit_of_work() as session:
        plan = access.find_plan(context, data["id"])
        tk.check_access("edomex_plan_publish", context, {"agency": plan.agency_id})
        hold(session, plan.agency_id)
        session.refresh(plan, with_for_update=True)
        if plan.state != rules.State.APPROVED:
            allowed = [name for name, (begins, _) in rules.TRANSITIONS.items() if begins == plan.state]
            raise MoveForbiddenError(plan.state, allowed, "Solo se publica un plan aprobado; envíelo y espere su aprobación.")
        if not _lives(plan.dataset_id):
            before, made = plan.dataset_id, _create(context, _fields_of_plan(plan))
            plan.dataset_id = made
            steps.tell(context, plan, "plan", "publish", changes={"dataset_id": [before, made]})
        dataset_id, rows = plan.dataset_id, rules.written(plan_content.standing(plan), "pnda", choices(steps.FREQUENCIES))
        content, name = csv_of(rows), f"plan-de-apertura-{plan.year}.csv"
    if made:
        _index(made)
    return {"dataset_id": _with_file(context, str(dataset_id), content, name)}


@tk.side_effect_free
def edomex_plan_document_show(context: Context, data_dict: Data) -> Data:
    """A document of a plan, without its bytes: those are at `/autoservicio/plan/documento/ID`.

    :param id: id of the document
    :returns: `{id, plan_id, kind, title, filename, size, sha256, uploaded_at, uploaded_by}`
    """
    need_account(context)
    document = access.find_document(context, parameters.read(schema.only_id(), data_dict)["id"])
    tk.check_access("edomex_plan_document_show", context, {"agency": document.agency_id})
    return plan_content.present_document(document)


def edomex_plan_document_add(context: Context, data_dict: Data) -> Data:
    """Keep a document with a plan, for its agency and the state's reviewers alone; possible in every state of the plan.

    :param id: id of the plan
    :param kind: `oficio`, `enlace`, `administrador` or `otro` (optional, `oficio`)
    :param title: what it is (optional, its file's name)
    :param upload: the file: PDF, DOCX, ODT or a picture, 20 MB at most
    :returns: the document
    """
    need_account(context)
    data = parameters.read(schema.document(), data_dict)
    upload = data_dict.get("upload")
    with steps.domain_errors(), unit_of_work() as session:
        plan = access.find_plan(context, data["id"])
        tk.check_access("edomex_plan_document_add", context, {"agency": plan.agency_id})
        if not isinstance(upload, FileStorage) or not str(upload.filename or "").lower().endswith(DOCUMENT_ENDINGS):
            raise FieldError({"upload": f"Elija un archivo {', '.join(DOCUMENT_ENDINGS)}."})
        kept: Data = {"upload": upload}
        file = storage.Upload(kept)
        file.upload("", LARGEST_DOCUMENT_MB)
        document = Document(
            id=new_id(), plan_id=plan.id, agency_id=plan.agency_id, kind=data["kind"], title=data["title"] or file.filename,
            filename=file.filename, sha256=kept["sha256"], size=file.filesize, version=1, uploaded_by=steps.actor(context),
        )  # fmt: skip
        session.add(document)
        session.flush()
        steps.tell(context, plan, "plan", "document_add", changes={"document": [None, document.title]})
        return plan_content.present_document(document)


def edomex_plan_document_remove(context: Context, data_dict: Data) -> Data:
    """Take a document away from a plan; that it was there stays in the history.

    :param id: id of the document
    :returns: the document
    """
    need_account(context)
    data = parameters.read(schema.only_id(), data_dict)
    with steps.domain_errors(), unit_of_work():
        document = access.find_document(context, data["id"])
        tk.check_access("edomex_plan_document_remove", context, {"agency": document.agency_id})
        plan = access.find_plan(context, document.plan_id, lock=True)
        document.removed_at = steps.now()
        steps.tell(context, plan, "plan", "document_remove", changes={"document": [document.title, None]})
        return plan_content.present_document(document)


def _lives(dataset_id: str | None) -> bool:
    package = model.Package.get(dataset_id) if dataset_id else None
    return package is not None and package.state != "deleted"


def _create(context: Context, fields: Data) -> str:
    """A private draft, by the caller's own right, in our transaction: link and dataset are kept together or not at all."""
    creating = Context(
        user=context.get("user", ""), ignore_auth=context.get("ignore_auth", False), defer_commit=True, return_id_only=True
    )
    return str(tk.get_action("package_create")(creating, {"type": "dataset", **fields}))


def _fields_of(line: Line) -> Data:
    counted = plan_content.line_of(line)
    fields = {
        "title": counted.item["name"], "owner_org": line.agency_id, "notes": counted.item["description"],
        "frequency": counted.item["frequency"], "contact_unit": counted.responsible, "legal_basis": counted.own["legal_basis"],
    }  # fmt: skip
    return {name: value for name, value in fields.items() if value}


def _fields_of_plan(plan: Plan) -> Data:
    agency = model.Group.get(plan.agency_id)
    whose = agency.title or agency.name if agency else ""
    notes = f"Conjuntos de datos que {whose} se compromete a abrir en {plan.year}, con fecha, periodicidad y área que los genera."
    return {
        "title": f"Plan de apertura institucional {plan.year} de {whose}"[:LONGEST_TITLE], "owner_org": plan.agency_id, "notes": notes,
        "frequency": "R/P1Y", "temporal_start": f"{plan.year}-01-01", "temporal_end": f"{plan.year}-12-31",
        "tags": [{"name": name} for name in ("plan de apertura", "datos abiertos", str(plan.year))],
    }  # fmt: skip


def _with_file(context: Context, dataset_id: str, content: bytes, name: str) -> str:
    """Put the plan's table in its dataset, or in an edition of it where that is public; returns the private one's id."""

    def call(action: str, **data: Any) -> Any:
        who = Context(user=context.get("user", ""), ignore_auth=context.get("ignore_auth", False))
        return tk.get_action(action)(who, data)

    shown = call("package_show", id=dataset_id)
    if not shown["private"]:
        shown = call("package_show", id=call("edomex_release_edition_open", dataset_id=dataset_id)["draft_id"])
    upload = FileStorage(io.BytesIO(content), filename=name)
    old = next((each for each in shown["resources"] if each.get("name") == rules.FILE), None)
    if old is None:
        call("resource_create", package_id=shown["id"], name=rules.FILE, format="CSV", upload=upload)
    elif old.get("sha256") != hashlib.sha256(content).hexdigest():
        call("resource_patch", id=old["id"], upload=upload)
    return shown["id"]


def _index(dataset_id: str) -> None:
    """Tell the search; if it does not answer, the comparison of the copies does so later."""
    try:
        document = index.build(dataset_id)
        index.send([document] if document else [])
    except SearchIndexError as error:
        extra = {"event": "planning.index_later", "dataset": dataset_id}
        log.warning("dataset of a plan made, but the index did not answer (%s)", error, extra=extra)

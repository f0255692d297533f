"""An agency's catalogue as a table: taken in whole or not at all, given out as it can be taken in again."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ckan import model
from ckan.lib.search.common import SearchIndexError
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import collector, index, packages
from ckanext.edomex.adapters.answers import told
from ckanext.edomex.adapters.callers import call_as_site
from ckanext.edomex.adapters.groups import agency_of
from ckanext.edomex.adapters.index import Document
from ckanext.edomex.adapters.rehearsed import session_on
from ckanext.edomex.adapters.vocabularies import vocabulary
from ckanext.edomex.adapters.workbooks import rows_of
from ckanext.edomex.domain import catalogue
from ckanext.edomex.domain.catalogue import Draft, Table, Wrong
from ckanext.edomex.domain.cells import Adela
from ckanext.edomex.domain.matching import merged
from ckanext.edomex.domain.schemas import fillable
from ckanext.edomex.domain.tabular import TableError

log = logging.getLogger(__name__)

Data = dict[str, Any]
#: Datasets that are read at a time.
PAGE = 500
DELETED = "El conjunto con ese identificador se eliminó; quite el identificador para registrarlo de nuevo."
PUBLIC = "Ya es público y la tabla lo cambia; abra una edición para cambiarlo."


@dataclass(kw_only=True)
class Taken:
    """What became of a table: ids of datasets, and what is wrong with its rows."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)


def edomex_catalogue_import(context: Context, data_dict: Data) -> Data:
    """Register the datasets of a table as drafts of an agency: all of them, or none. Those of its own that it names are changed.

    :param agency: name or id of the agency
    :param upload: a CSV or XLSX file: ADELA's layout 2 or 3, or ours
    :param dry_run: only say what would become of it (optional)
    :returns: `{created, changed, same}`: ids; 400 with `rows: [{line, column, message}]` if anything is wrong
    """
    agency = _agency(data_dict)
    tk.check_access("edomex_catalogue_import", context, {"agency": agency.id})
    table = _read(data_dict.get("upload"))
    dry = tk.asbool(data_dict.get("dry_run") or False)
    taken = take(table, agency.id, context, keep=not dry)
    if wrong := [*table.wrong, *taken.wrong]:
        rows: Any = [each.as_dict() for each in sorted(wrong, key=lambda each: each.line)]
        many = "una cosa" if len(rows) == 1 else f"{len(rows)} cosas"
        raise tk.ValidationError({"rows": rows, "message": [f"Hay {many} que corregir; no se registró nada."]})
    return {"created": taken.created, "changed": taken.changed, "same": taken.same}


@tk.side_effect_free
def edomex_catalogue_rows(context: Context, data_dict: Data) -> list[list[str]]:
    """An agency's catalogue as the rows of a table, header first: what is public, and what else the caller may see.

    :param agency: name or id of the agency
    :param dataset_id: only this dataset of it (optional)
    :param layout: `full` (ours), `v3` or `v2` (ADELA's) (optional, `full`)
    :returns: list of rows of text
    """
    agency = _agency(data_dict)
    tk.check_access("edomex_catalogue_rows", context, {"agency": agency.id})
    layouts = {"full": catalogue.full_header(*fields()), "v2": catalogue.V2, "v3": catalogue.V3}
    layout = data_dict.get("layout") or "full"
    if layout not in layouts:
        raise tk.ValidationError({"layout": [f"Elija {', '.join(layouts)}."]})
    datasets = _datasets(context, agency.id, str(data_dict.get("dataset_id") or ""))
    return list(catalogue.written(datasets, layouts[layout], None if layout == "full" else _adela()))


def take_file(content: bytes, agency: str, *, dry_run: bool) -> Data:
    """The same for an operator, with the site's own rights."""
    return call_as_site("edomex_catalogue_import", agency=agency, upload=content, dry_run=dry_run)


def take(table: Table, owner_org: str, context: Context, *, keep: bool) -> Taken:
    """Create or change every dataset through CKAN's own actions in one transaction, which is kept only if all went well."""
    taken, keep = Taken(), keep and not table.wrong
    documents: list[Document | None] = []

    def prepare(package_id: str) -> None:
        # Now, and not at the end: CKAN's history reads each dataset too, and has it from here.
        documents.append(index.build(package_id))

    assert model.meta.engine is not None
    with model.meta.engine.connect() as connection:
        transaction = connection.begin()
        with session_on(connection), packages.read_once(), packages.each_written(prepare), collector.seldom():
            who = _who(context)
            for draft in table.drafts:
                try:
                    _one(draft, owner_org, who, taken)
                except tk.ValidationError as error:
                    taken.wrong += _wrong(table, draft, error.error_dict)
                except tk.NotAuthorized as error:
                    message = str(error.message or "No puede cambiar este conjunto.")
                    taken.wrong.append(Wrong(line=draft.line, column="", message=message))
            if keep and not taken.wrong:
                model.Session.commit()
                transaction.commit()
            else:
                transaction.rollback()
    if keep and not taken.wrong:
        _index([document for document in documents if document])
    return taken


def _who(context: Context) -> Context:
    """The caller's rights, and no other thing of his context, with his account as it is in this session."""
    user = str(context.get("user") or "")
    who = Context(user=user, ignore_auth=True) if context.get("ignore_auth") else Context(user=user)
    if person := model.User.get(user):
        who["auth_user_obj"] = person
    return who


def _one(draft: Draft, owner_org: str, who: Context, taken: Taken) -> None:
    # What commits and indexes is ours alone, at the end.
    context: Context = {**who, "defer_commit": True, "return_id_only": True}
    package = _named(draft.identifier, owner_org)
    if package is None:
        new = {**_with_name(draft), "owner_org": owner_org, "resources": draft.new_files(), "type": "dataset"}
        taken.created.append(tk.get_action("package_create")(context, new))
        return
    if package.state == "deleted":
        taken.wrong.append(Wrong(line=draft.line, column="ds:identifier", message=DELETED))
        return
    fresh: Context = {**who, "use_cache": False}  # type: ignore[typeddict-unknown-key]
    shown = tk.get_action("package_show")(fresh, {"id": package.id})
    draft.resources = merged(shown["resources"], draft.resources)
    told = {**draft.fields, "owner_org": owner_org, "resources": [resource for _, resource in draft.resources]}
    wanted = {**shown, **told, "id": package.id, "name": package.name}
    if _same(shown, wanted):
        taken.same.append(package.id)
    elif package.private is False:
        taken.wrong.append(Wrong(line=draft.line, column="", message=PUBLIC))
    else:
        tk.get_action("package_update")(context, wanted)
        taken.changed.append(package.id)


def _with_name(draft: Draft) -> Data:
    """What others call it is kept, so that it is known again; unless that is what something else here is called."""
    free = draft.identifier and model.Package.get(draft.identifier) is None
    return {"former_name": draft.identifier, **draft.fields} if free else draft.fields


def _same(shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    header = catalogue.full_header(*fields())
    return list(catalogue.written([shown], header)) == list(catalogue.written([wanted], header))


def _named(identifier: str, owner_org: str) -> model.Package | None:
    """The agency's dataset of this id, or the one that was registered from a table or portal that called it so."""
    if not identifier:
        return None
    package = model.Package.get(identifier)
    if package is not None and package.owner_org == owner_org and package.type == "dataset":
        return package
    query = formerly(identifier).filter(model.Package.owner_org == owner_org, model.Package.state != "deleted")
    return query.order_by(model.Package.metadata_created).first()


def formerly(name: str) -> Any:
    """A query of the datasets that others called so."""
    extras: Any = model.Package.extras
    return model.Session.query(model.Package).filter(model.Package.type == "dataset", extras["former_name"].astext == name)


def _wrong(table: Table, draft: Draft, errors: Mapping[str, Any]) -> list[Wrong]:
    found = []
    for number, name, message in told(errors):
        prefix = catalogue.DATASET if number is None else catalogue.RESOURCE
        of_resource = draft.resources[number:][:1] if number is not None else []
        # A file that was there before has no row of its own.
        line = (of_resource[0][0] if of_resource else 0) or draft.line
        column = table.header(prefix, "identifier" if name == "former_name" else name)
        found.append(Wrong(line=line, column=column, message=message))
    return found or [Wrong(line=draft.line, column="", message="No se acepta este conjunto.")]


def _read(upload: Any) -> Table:
    content = upload.read() if hasattr(upload, "read") else upload
    if not isinstance(content, bytes):
        raise tk.ValidationError({"upload": ["Elija un archivo CSV o XLSX."]})
    try:
        return catalogue.read(rows_of(content), *fields())
    except (TableError, catalogue.HeaderError) as error:
        raise tk.ValidationError({"upload": [str(error)]}) from None


def fields() -> tuple[list[str], list[str]]:
    """Names of the schema's fields, of a dataset and of a resource, that a table or another portal may fill in."""
    return fillable(tk.h.scheming_get_dataset_schema("dataset"))


def _adela() -> Adela:
    types = {row["label"]: row["media_type"] for row in vocabulary("formatos")}

    def page(name: str) -> str:
        return tk.url_for("dataset.read", id=name, qualified=True, locale="default")

    return Adela(media_type=lambda known: types.get(known, ""), page=page)


def _agency(data_dict: Data) -> model.Group:
    group = agency_of(str(tk.get_or_bust(data_dict, "agency")))
    if group is None:
        raise tk.ObjectNotFound("No existe esa dependencia.")
    return group


def _datasets(context: Context, owner_org: str, only: str) -> list[Data]:
    who = Context(user=context.get("user", ""), auth_user_obj=context.get("auth_user_obj"))
    if only:
        found = tk.get_action("package_show")(who, {"id": only})
        return [found] if found["owner_org"] == owner_org and found["type"] == "dataset" else []
    return _all_of(who, owner_org)


def _all_of(who: Context, owner_org: str) -> list[Data]:
    found: list[Data] = []
    asked: Data = {"fq": f'owner_org:"{owner_org}"', "include_private": True, "include_drafts": True, "rows": PAGE}
    asked["sort"] = "metadata_created asc, id asc"
    while True:
        answer = tk.get_action("package_search")(Context(**who), {**asked, "start": len(found)})
        found += answer["results"]
        if len(found) >= answer["count"] or not answer["results"]:
            return found


def _index(documents: Sequence[Document]) -> None:
    """Tell the search; if it does not answer, the comparison of the copies does so later."""
    try:
        index.send(documents)
    except SearchIndexError as error:
        extra = {"event": "catalogue.index_later", "datasets": len(documents)}
        log.warning("catalogue taken in, but the index did not answer (%s)", error, extra=extra)

"""The search index's documents: built by CKAN's own code, sent by us, many with one commit.

CKAN builds a document and sends it in one function. Run with another connection, the same function only builds it:
nothing of what it does is written again here. What it is given is CKAN's too, but for one step, see `_both`.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FunctionType
from typing import Any

import pysolr
from ckan import logic, model
from ckan.lib.plugins import lookup_package_plugin, plugin_validate
from ckan.lib.search import index as ckan_index
from ckan.lib.search.common import SearchIndexError, make_connection
from ckan.plugins import toolkit as tk
from ckan.types import Context

from ckanext.edomex.adapters import packages

Document = dict[str, Any]
#: Ids in one query, documents in one request.
BUNCH = 200


class _Catcher:
    """A connection to the index that keeps what it is given."""

    url = ""

    def __init__(self, kept: list[Document]) -> None:
        self.kept = kept

    def add(self, docs: Sequence[Document], **_options: Any) -> None:
        self.kept.extend(docs)

    def delete(self, **_options: Any) -> None:
        """A deleted dataset has no document."""


def build(package_id: str) -> Document | None:
    """The dataset's document as it is in the database now; None for one that is not indexed."""
    both = _both(package_id)
    kept: list[Document] = []
    _caught(kept)(ckan_index.PackageSearchIndex(), dict(both[0], with_custom_schema=both[1]))
    if not kept:
        return None
    # What `package_show` would say: CKAN answers it from here as well.
    packages.note(package_id, kept[0]["validated_data_dict"])
    return kept[0]


def _both(package_id: str) -> tuple[Document, Document]:
    """The dataset as CKAN's schema has it, and as the site's does.

    Validated once where the site has none of its own. CKAN means to, and compares the two schemas; they hold functions that are made
    anew each time, and never are equal.
    """
    package: Any = model.Package.get(package_id)
    form = lookup_package_plugin(package.type) if package is not None else None
    if type(form) is not tk.DefaultDatasetForm:
        return logic.package_show_default_and_custom_schemas(Context(ignore_auth=True), package_id)
    context: Any = {"ignore_auth": True, "use_cache": False, "validate": False}
    read = tk.get_action("package_show")(context, {"id": package_id})
    validated, _ = plugin_validate(form, context, read, form.show_package_schema(), "package_show")
    shown = copy.deepcopy(validated)
    logic.apply_after_dataset_show_plugins(context, shown)
    return validated, shown


def build_text(package_id: str) -> str | None:
    """The same as JSON, to be kept."""
    document = build(package_id)
    return json.dumps(document) if document else None


def send(documents: Sequence[Document]) -> dict[str, str]:
    """Put documents in the index, visible when this returns, with one commit; what Solr refuses by itself comes back, id → error.

    SearchIndexError if it does not answer: then nothing is known of any of them.
    """
    refused: dict[str, str] = {}
    connection = make_connection()
    for start in range(0, len(documents), BUNCH):
        bunch = documents[start : start + BUNCH]
        try:
            connection.add(docs=bunch, commit=False)
        except pysolr.SolrError as error:
            if not _is_refusal(error):
                raise SearchIndexError(type(error).__name__) from error
            refused |= _one_by_one(connection, bunch)
    commit()
    return refused


def remove(package_ids: Iterable[str]) -> None:
    """Take documents out of the index, gone when this returns."""
    try:
        for wanted in _bunches(list(package_ids)):
            make_connection().delete(q=f"{_of_site()} +id:({wanted})", commit=False)
    except pysolr.SolrError as error:
        raise SearchIndexError(type(error).__name__) from error
    commit()


def commit() -> None:
    """Make what was sent visible; returns when it is."""
    try:
        make_connection().commit()
    except pysolr.SolrError as error:
        raise SearchIndexError(type(error).__name__) from error


def stored(package_ids: Sequence[str]) -> Mapping[str, Document]:
    """What the index says of these datasets: `id`, `capacity`, `state`, `metadata_modified`."""
    found: dict[str, Document] = {}
    for wanted in _bunches(package_ids):
        query = f"{_of_site()} +id:({wanted})"
        found |= {row["id"]: row for row in _search(query, fl="id,capacity,state,metadata_modified", rows=BUNCH).docs}
    return found


def with_label(label: str, package_ids: Sequence[str] | None = None) -> set[str]:
    """The datasets that the index shows to holders of a label, of these or of all. Labels are not stored, only searched."""
    query = f'{_of_site()} +dataset_type:dataset +permission_labels:"{_escaped(label)}"'
    if package_ids is None:
        return _all_ids(query)
    return {row["id"] for wanted in _bunches(package_ids) for row in _search(f"{query} +id:({wanted})", fl="id", rows=BUNCH).docs}


def public_ids() -> set[str]:
    """Every dataset that the index shows to anybody, or counts as public."""
    return _all_ids(f"{_of_site()} +dataset_type:dataset +(permission_labels:public OR capacity:public)")


def all_ids() -> set[str]:
    """Every dataset in the index."""
    return _all_ids(f"{_of_site()} +dataset_type:dataset")


def _all_ids(query: str) -> set[str]:
    found: set[str] = set()
    mark, before = "*", ""
    while mark != before:
        answer = _search(query, fl="id", rows=5000, sort="index_id asc", cursorMark=mark)
        found |= {row["id"] for row in answer.docs}
        mark, before = answer.nextCursorMark, mark
    return found


def _of_site() -> str:
    return f'+site_id:"{tk.config["ckan.site_id"]}"'


def _bunches(package_ids: Sequence[str]) -> Iterator[str]:
    """The ids as terms of a query, so many that its address stays short."""
    for start in range(0, len(package_ids), BUNCH):
        yield " OR ".join(f'"{_escaped(package_id)}"' for package_id in package_ids[start : start + BUNCH])


def _search(query: str, **options: Any) -> Any:
    try:
        return make_connection(decode_dates=False).search(query, **{"q.op": "AND", "defType": "lucene", **options})
    except pysolr.SolrError as error:
        raise SearchIndexError(type(error).__name__) from error


def _one_by_one(connection: Any, documents: Sequence[Document]) -> dict[str, str]:
    refused = {}
    for document in documents:
        try:
            connection.add(docs=[document], commit=False)
        except pysolr.SolrError as error:
            if not _is_refusal(error):
                raise SearchIndexError(type(error).__name__) from error
            # Its text may quote the dataset.
            refused[document["id"]] = "refused by Solr"
    return refused


def _is_refusal(error: pysolr.SolrError) -> bool:
    """Whether Solr answered that it does not want this, rather than not answering."""
    return "HTTP 400" in str(error)


def _escaped(term: str) -> str:
    return term.replace("\\", "\\\\").replace('"', '\\"')


def _caught(kept: list[Document]) -> Callable[[Any, Document], None]:
    """`PackageSearchIndex.index_package` with one of its names bound anew, in a copy of its module's: the code is CKAN's."""
    source = ckan_index.PackageSearchIndex.index_package
    assert isinstance(source, FunctionType)
    names = {**vars(ckan_index), "make_connection": lambda: _Catcher(kept)}
    return FunctionType(source.__code__, names, source.__name__, source.__defaults__, source.__closure__)

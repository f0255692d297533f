"""What to ask a portal for: each route and read action, with the canary's own values in the place of its parameters.

The tables say which value belongs where. What is in no table gets every id of the canary, so that a new route or
action is asked without anybody thinking of it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.shield.inventory import Action, Inventory, Route

Values = dict[str, list[str]]
#: Where this moment of the canary has no such value.
NOTHING = "nada"
NAMED = ("view", "activity", "release", "object")
#: An address is asked with at most so many combinations of values.
MOST = 4

#: Which values an argument takes: the first line whose two patterns fit the route's address and the argument.
ARGUMENTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"^/dataset/harvest_object/|^/harvest/object/", "^id$", ("object",)),
    (r"^/harvest/<source>/job/", "^id$", ("job",)),
    (r"^/harvest/", "^id$|^source$", ("source", "dataset")),
    (r"^/autoservicio/federacion/fuentes/", "^name$", ("source", "dataset")),
    (r"^/feeds/tag/", "^id$", ("tag",)),
    (r"^/group/|^/feeds/group/", "^id$", ("theme",)),
    (r"^/organization/|^/feeds/organization/", "^id$", ("agency",)),
    (r"^/user/", "^id$", ("user",)),
    (r"^/file/download/", "^id$", ("resource", "hash")),
    (r"^/(dataset|datastore|autoservicio|xloader)", "^id$|^dataset_id$|^ref$|^package_id$", ("dataset",)),
    (r"^/vocabularios", "^name$", ("vocabulary",)),
    (r"^/vocabularios", "^code$", ("word",)),
    ("", "^resource_id$", ("resource",)),
    ("", "^view_id$", ("view",)),
    ("", "^activity_id$", ("activity",)),
    ("", "^release_id$", ("release",)),
    ("", "^filename$", ("file",)),
    ("", "^suffix$", ("suffix",)),
    ("", "^agency$", ("agency",)),
    ("", "^form$", ("form",)),
    ("", "^page$", ("page",)),
    ("", "^number$|^version$", ("version",)),
    ("", "^storage_name$", ("storage",)),
    ("", "^location$|^path$", ("path",)),
    ("", "^lang$|^target_locale$", ("language",)),
    ("", "^ver$", ("api",)),
    ("", "^token$", ("hash",)),
    ("", "^logic_function$", ("action",)),
)
#: Arguments that CKAN fills itself.
DEFAULTED = frozenset({"package_type", "group_type", "is_organization", "ref_type"})
#: Addresses that act on a GET: asked as those who may not, never as those who may.
ACTS = frozenset({
    "GET /harvest/clear/<id>", "GET /harvest/delete/<id>", "GET /harvest/refresh/<id>", "GET /harvest/<source>/job/<id>/abort",
    "harvest_source_reindex", "harvest_sources_reindex",
})  # fmt: skip
#: What an argument in no line above takes.
ANYTHING = ("dataset", "resource", "view", "activity", "release", "object", "agency", "theme", "user", "source", "job")

#: Questions in the address' query, beside none at all. `{name}` is the canary's first value of that name.
QUERIES: dict[str, tuple[str, ...]] = {
    "dataset.search": (
        "q={title}", "q={mark}*", "fq=id:{dataset}", "tags={tag}", "res_format={format}", "organization={agency}",
        "q=%2Bprivate:true&sort=name+asc", "q=capacity:private", "ext_include_private=true&q=%2Bstate:draft",
        "include_private=true&include_drafts=true&include_deleted=true", "sort=title_string+desc&q=title:{mark}*",
    ),
    "organization.read": ("q={title}", "tags={tag}", "include_private=true", "sort=name+desc", "res_format={format}"),
    "group.read": ("q={title}", "tags={tag}", "include_private=true"),
    "organization.index": ("q={mark}", "sort=package_count+desc"),
    "organization.bulk_process": ("q={title}",),
    "home.index": ("q={title}",),
    "edomex_feed.whole": ("page=1", "q={title}", "q={mark}*", "fq=capacity:private", "fq=id:{dataset}", "modified_since=2000-01-01"),
    "feeds.general": ("q={title}", "page=1"),
    "feeds.custom": ("q={title}", "tags={tag}", "fq=capacity:private"),
    "api.dataset_autocomplete": ("incomplete={mark}", "incomplete={title}"),
    "api.format_autocomplete": ("incomplete={mark}",),
    "api.tag_autocomplete": ("incomplete={mark}", "incomplete={mark}&vocabulary_id="),
    "api.user_autocomplete": ("q={mark}",),
    "api.group_autocomplete": ("q={theme}",),
    "api.organization_autocomplete": ("q={agency}",),
    "activity.package_changes_multiple": ("new_id={activity}&old_id={older}", "current_old_id={older}&current_new_id={activity}"),
    "activity.group_changes_multiple": ("new_id={activity}&old_id={older}",),
    "activity.organization_changes_multiple": ("new_id={activity}&old_id={older}",),
    "activity.dashboard": ("q={mark}&type=dataset&name={dataset}",),
    "datastore.dump": ("format=json", "format=tsv&bom=true", "q={cell}", "limit=10&offset=0&format=xml"),
    "dataset.new": ("id={dataset}", "group={theme}"),
    "dataset_resource.view": ("view_id={view}",),
    "edomex_release.calendar": (
        "dependencia={agency}", "vista=mes", "vista=dependencias&dependencia={agency}", "estado=proximas&dependencia={agency}",
        "estado=publicadas", "estado=canceladas&dependencia={agency}",
    ),
    "edomex_release.calendar_csv": ("agency={agency}", "dataset_id={dataset}", "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"),
    "edomex_release.calendar_atom": ("agency={agency}", "dataset_id={dataset}", "sort=date"),
    "edomex_release.agenda": (
        "vista=lista&dependencia={agency}", "dependencia={agency}", "estado=scheduled", "vista=lista&estado=draft",
    ),
    "edomex_release.calendar_json": ("agency={agency}", "dataset_id={dataset}", "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"),
    "edomex_release.calendar_ics": ("agency={agency}", "from=2000-01-01T00:00:00Z&to=2100-01-01T00:00:00Z"),
    "edomex_release.choose_date": ("id={release}",),
    "user.read": ("q={title}", "include_private=true"),
    "util.internal_redirect": ("url=/dataset/{dataset}",),
}
#: Where bytes are sent: asked in part, by HEAD, and as somebody who has an older copy.
BYTES = re.compile(r"download|archivo|dump|\.<any|^/catalog")
PARTS: tuple[tuple[str, dict[str, str]], ...] = (
    ("GET", {"Range": "bytes=0-9"}),
    ("GET", {"Range": "bytes=-5", "If-None-Match": '"{hash}"'}),
    ("HEAD", {}),
)

#: Parameters of an action, and which values they take. Names as in the descriptions of the actions.
PARAMETERS: dict[str, tuple[str, ...]] = {
    "dataset_id": ("dataset",), "package_id": ("dataset",), "resource_id": ("resource",), "name_or_id": ("dataset",),
    "agency": ("agency",), "user_id": ("user",), "user": ("user",), "source_id": ("source",), "entity_id": ("resource",),
    "q": ("mark",), "query": ("mark",), "version": ("version",), "owner_id": ("dataset",), "key": ("key",), "name": ("dataset",),
    "type": ("type",), "object_type": ("type",), "task_type": ("task",), "release_id": ("release",),
}
#: What the `id` of an action is an id of, by the action's name: the first line that fits.
SUBJECTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("^edomex_release_outbox|^edomex_calendar|^edomex_blackout_list", ()),
    ("_activity_list$|followee|^am_following|_follower_", ("dataset", "user", "agency", "theme")),
    ("^edomex_observation_", ("observation",)),
    ("^edomex_release_", ("release", "dataset")),
    ("view", ("view", "resource")),
    ("^datastore|^xloader|^resource", ("resource",)),
    ("^activity", ("activity",)),
    ("^harvest", ("source", "job", "object", "dataset")),
    ("^(organization|group|member)", ("agency", "theme", "dataset")),
    ("^user|^api_token", ("user",)),
    ("^file", ("resource", "hash", "file")),
    ("^(package|dataset)", ("dataset",)),
    ("^(tag|vocabulary)", ("tag",)),
)  # fmt: skip
EVERYTHING = {"include_private": True, "include_drafts": True, "include_deleted": True}
#: What an action is asked besides its `id` with each of the canary's ids, nothing at all, and its documented parameters.
QUESTIONS: dict[str, tuple[dict[str, Any], ...]] = {
    "package_search": (
        {"q": "{title}"}, {"q": "{mark}*", **EVERYTHING}, {"fq": "id:{dataset}", **EVERYTHING}, {"fq": "+state:draft", **EVERYTHING},
        {"fq": "capacity:private", **EVERYTHING}, {"fq_list": ["name:{mark}*"], **EVERYTHING},
        {"q": "*:*", "facet.field": ["tags", "res_format", "organization", "groups", "name", "author", "id"], **EVERYTHING},
        {"q": "*:*", "facet.field": ["tags"], "facet.mincount": 0, "facet.prefix": "{mark}", "facet.limit": -1},
        {"q": "*:*", "facet.field": ["res_name", "res_url", "text", "title"], "facet.mincount": 0, "facet.limit": -1},
        {"q": "*:*", "sort": "name desc", "rows": 1000, **EVERYTHING}, {"q": "*:*", "fl": "id,name,title,data_dict", "rows": 1000},
        {"q": "{cell}"}, {"q": "{note}"}, {"q": "{dictionary}"}, {"q": "*:*", "use_default_schema": True, **EVERYTHING},
        {"defType": "edismax", "q": "{title}", "fq": "{!tag=x}*:*"}, {"q": "res_description:{mark}*", **EVERYTHING},
    ),
    "package_autocomplete": ({"q": "{mark}"}, {"q": "{title}"}),
    "tag_list": ({"query": "{mark}"}, {"all_fields": True}),
    "tag_search": ({"query": "{mark}"}, {"query": "{mark}", "limit": 1000}),
    "tag_autocomplete": ({"query": "{mark}"}, {"q": "{mark}"}),
    "tag_show": ({"id": "{tag}", "include_datasets": True},),
    "format_autocomplete": ({"q": "{mark}"},),
    "resource_search": tuple({"query": f"{name}:{{mark}}"} for name in ("name", "format", "url", "description")),
    "member_list": ({"id": "{agency}", "object_type": "package"}, {"id": "{theme}"}, {"id": "{agency}"}),
    "organization_show": ({"id": "{agency}", "include_datasets": True, "include_users": True},),
    "group_show": ({"id": "{theme}", "include_datasets": True, "include_users": True}, {"id": "{agency}", "include_datasets": True}),
    "group_package_show": ({"id": "{theme}"}, {"id": "{agency}"}),
    "user_show": ({"id": "{user}", "include_datasets": True, "include_num_followers": True},),
    "user_list": ({"q": "{mark}", "all_fields": True},),
    "task_status_show": (
        {"id": "{task_id}"}, {"entity_id": "{resource}", "task_type": "canario", "key": "canario"},
        {"entity_id": "{resource}", "task_type": "xloader", "key": "xloader"},
    ),
    "harvest_object_show": ({"id": "{object}"}, {"dataset_id": "{dataset}"}, {"id": "{object}", "attr": "guid"}),
    "harvest_object_list": ({"source_id": "{source}"}, {"only_imported": True}),
    "harvest_job_list": ({"source_id": "{source}"}, {"status": "New"}),
    "harvest_log_list": ({"level": "debug"},),
    "datastore_search": (
        {"resource_id": "{resource}"}, {"resource_id": "_table_metadata"}, {"resource_id": "{resource}", "q": "{cell}"},
        {"resource_id": "_table_metadata", "filters": {"name": "{resource}"}}, {"resource_id": "{resource}", "records_format": "csv"},
    ),
    "datastore_info": ({"id": "{resource}"}, {"resource_id": "{resource}"}, {"id": "_table_metadata"}),
    "datastore_search_sql": ({"sql": 'SELECT * FROM "{resource}"'}, {"sql": "SELECT * FROM _table_metadata"}),
    "activity_show": ({"id": "{activity}", "include_data": True}, {"id": "{older}"}),
    "activity_data_show": ({"id": "{activity}"}, {"id": "{activity}", "object_type": "package"}),
    "activity_diff": tuple({"id": "{activity}", "object_type": "package", "diff_type": kind} for kind in ("unified", "html")),
    "package_activity_list": ({"id": "{dataset}", "include_hidden_activity": True},),
    "user_activity_list": ({"id": "{user}", "limit": 100}, {"id": "{user}", "include_data": True}),
    "organization_activity_list": ({"id": "{agency}", "limit": 100, "include_hidden_activity": True},),
    "group_activity_list": ({"id": "{theme}", "limit": 100},),
    "recently_changed_packages_activity_list": ({"limit": 100},),
    "package_relationships_list": ({"id": "{dataset}", "id2": "{public}"}, {"id": "{public}"}),
    "package_collaborator_list_for_user": ({"id": "{user}"},),
    "edomex_calendar_list": ({"from": "2000-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}, {"agency": "{agency}"}),
    "edomex_calendar_month": ({"agency": "{agency}", "per_day": 50}, {"status": "upcoming"}),
    "edomex_release_agenda": ({"agency": "{agency}"}, {"state": "scheduled"}, {"from": "2000-01-01T00:00:00Z"}),
    "edomex_release_queue": ({"agency": "{agency}"}, {"state": "scheduled"}, {"state": "draft"}, {"state": "changes_requested"}),
    "edomex_release_list": ({"state": "scheduled"}, {"state": "draft"}, {"agency": "{agency}"}, {"state": "withdrawn"}),
    "edomex_release_version_show": ({"dataset_id": "{dataset}", "version": 1},),
    "file_owner_scan": ({"owner_type": "package", "owner_id": "{dataset}"}, {"owner_type": "resource", "owner_id": "{resource}"}),
    "followee_list": ({"id": "{user}"}, {"id": "{user}", "q": "{mark}"}),
    "job_show": ({"id": "{loading}"},),
}


@dataclass(frozen=True)
class Probe:
    """One question: whose route or action it is, how it is sent, and what it names of the canary."""

    owner: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict, hash=False)

    def __str__(self) -> str:
        return f"{self.owner}: {self.method} {self.path} {self.body or ''} {self.headers or ''}".rstrip()


def every(inventory: Inventory, values: Values) -> list[Probe]:
    """All the questions, each once."""
    named = names(values)
    asked = [probe for route in inventory.routes for probe in of_route(route, values, named)]
    asked += [probe for action in inventory.actions if is_read(action) for probe in of_action(action, values, named)]
    return list({str(probe): probe for probe in asked}.values())


def names(values: Values) -> dict[str, str]:
    """The first value of each name, and the second activity."""
    first = {name: found[0] for name, found in values.items() if found}
    return {**dict.fromkeys(NAMED, NOTHING), **first, "older": (values.get("activity") or [""])[-1]}


def is_read(action: Action) -> bool:
    """Whether it reads: CKAN says so of it, or its name is none of those that write."""
    return action.side_effect_free or not WRITES.search(action.name)


#: Names of what changes something or sends something; a new action that writes otherwise belongs here.
WRITES = re.compile(
    r"_(create|update|end|delete|patch|purge|revise|invite|revoke|clear|cancel|reorder|upsert|submit|hook|run|run_triggers|import|abort|close|leave|reset"
    r"|accept|answer|approve|look|resolve|reschedule|discard|open|replay|grant|withdraw|confirm|request_changes|pin|unpin|rename|register|transfer|counts|all|many"
    r"|retry|add|remove|derive|draft|publish|reopen|return|public|private|old|email|mail|queue|notifications|jobs|views|try|acknowledge)$|^edomex_notice_read$|^(un)?follow_|^send_|_default_resource_views$"
)


def label(route: Route) -> str:
    """How the reviewed lists name a route."""
    return f"GET {route.rule}"


def of_route(route: Route, values: Values, named: dict[str, str]) -> Iterator[Probe]:
    """A route with each combination of values; the first one also with queries, and in parts where it sends bytes."""
    wanted = [argument for argument in route.arguments if f"{argument}>" in route.rule or f"{argument}:" in route.rule]
    found = [candidates(route.rule, argument, values) for argument in wanted]
    for number, combination in enumerate(itertools.islice(itertools.product(*found), MOST)):
        path = fill(route.rule, dict(zip(wanted, combination, strict=True)))
        yield Probe(label(route), "GET", path)
        if number:
            continue
        for query in QUERIES.get(route.endpoint, ()):
            yield Probe(label(route), "GET", f"{path}?{query.format(**named)}")
        if BYTES.search(route.rule):
            for method, headers in PARTS:
                yield Probe(label(route), method, path, headers={k: v.format(**named) for k, v in headers.items()})


def candidates(rule: str, argument: str, values: Values) -> list[str]:
    """What may stand in the place of this argument."""
    kinds = next((kinds for place, name, kinds in ARGUMENTS if re.search(place, rule) and re.search(name, argument)), ANYTHING)
    return list(dict.fromkeys(value for kind in kinds for value in values.get(kind, ()))) or [NOTHING]


def fill(rule: str, arguments: dict[str, str]) -> str:
    """The address of a rule: `<converter:name>` becomes the value."""

    def value(match: re.Match[str]) -> str:
        return quote(arguments[match[1]], safe="/")

    return re.sub(r"<(?:[^<>]*:)?(\w+)>", value, rule)


def of_action(action: Action, values: Values, named: dict[str, str]) -> Iterator[Probe]:
    """An action with nothing, with each id, with all that its description names, and with its own questions."""
    bodies: list[dict[str, Any]] = [{}]
    if not action.parameters or "id" in action.parameters:
        bodies += [{"id": each} for each in subjects(action.name, values)]
    documented = {name: values[PARAMETERS[name][0]][0] for name in action.parameters if name in PARAMETERS}
    bodies += [documented] if documented else []
    bodies += [filled(question, named) for question in QUESTIONS.get(action.name, ())]
    for body in bodies:
        yield Probe(action.name, "POST", f"/api/3/action/{action.name}", body)
    if action.side_effect_free:
        yield Probe(action.name, "GET", f"/api/action/{action.name}?{urlencode({**documented, 'id': named['dataset']})}")


def subjects(name: str, values: Values) -> list[str]:
    """What an action's `id` may name: what the action is called after, else anything."""
    kinds = next((kinds for words, kinds in SUBJECTS if re.search(words, name)), ANYTHING)
    return list(dict.fromkeys(value for kind in kinds for value in values.get(kind, ())))


def filled(question: Any, named: dict[str, str]) -> Any:
    """A question with the canary's values in the place of `{name}`."""
    if isinstance(question, dict):
        return {key: filled(value, named) for key, value in question.items()}
    if isinstance(question, list):
        return [filled(value, named) for value in question]
    if not isinstance(question, str):
        return question
    return re.sub(r"\{(\w+)\}", lambda match: named[match[1]], question)

"""A dataset whose every part holds a word that stands nowhere else, and the steps that take it through its life.

All of it is made over the portal's own doors, so that what CKAN and its extensions copy elsewhere is copied here too.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from stack.demo.api import Api, ApiError

WAIT_S = 60.0
FAR = timedelta(hours=2)
ACCESS = "Se retira porque el archivo tenía un error de origen."
GROUND = "Artículo 24 de la ley"


#: Values that belong to the portal.
FIXED = {
    "suffix": ["ttl", "rdf", "nt", "jsonld"],
    "form": ["csv", "json", "xlsx"],
    "page": ["1", "4"],
    "storage": ["edomex_blobs", "ckan:resource", "default"],
    "language": ["es"],
    "vocabulary": ["periodicidad"],
    "word": ["R/P1Y"],
    "api": ["1", "3"],
    "type": ["dataset"],
    "task": ["xloader"],
    "key": ["xloader"],
    "action": ["package_search"],
    "version": ["1"],
}


class People:
    """Whoever takes part: each is a client of the portal."""

    def __init__(self, url: str, tokens: dict[str, str]) -> None:
        self.url, self.tokens = url, tokens
        self.anonymous = Api(url)
        self.editor, self.other = Api(url, tokens["editor"]), Api(url, tokens["other"])
        self.reviewer, self.second = Api(url, tokens["reviewer"]), Api(url, tokens["second"])
        self.sysadmin = Api(url, tokens["sysadmin"])


class Canary:
    """The dataset, the words that must not be seen, and the ids that tell that it exists."""

    def __init__(self, people: People, agency: str) -> None:
        self.people, self.agency = people, agency
        self.mark = new_mark()
        #: What an anonymous reader of this moment must not learn.
        self.words: tuple[str, ...] = (self.mark,)
        self.secret_ids: set[str] = set()
        #: Releases that the public calendar has named: a date without a dataset is what it is for.
        self.in_calendar: set[str] = set()
        self.observation: dict[str, Any] | None = None
        #: Parameter → values, for whoever fills routes and actions.
        self.values: dict[str, list[str]] = {}

    def word(self, kind: str) -> str:
        """The word that stands in this part and nowhere else."""
        return f"{self.mark}{kind}"

    def prepare(self) -> None:
        """Make the dataset with all its parts; it is a draft that nobody has sent anywhere."""
        editor, word = self.people.editor, self.word
        self.theme = self._theme()
        self.dataset = editor.call(
            "package_create", title=f"{word('titulo')} {word('segundo')}", notes=f"{word('notas')} en prosa",
            name=word("nombre"), owner_org=self.agency, tags=[{"name": word("etiqueta")}], groups=[{"name": self.theme}],
            author=word("autora"), maintainer=word("enlace"), url=f"https://example.org/{word('pagina')}",
        )
        self.resource = editor.call(
            "resource_create", package_id=self.dataset["id"], name=word("recurso"), description=word("descripcion"),
            format="CSV", file=(f"{word('archivo')}.csv", self._cells(), "text/csv"),
            **{"dictionary-0-name": "columna", "dictionary-0-meaning": word("significado")},
        )
        self.linked = editor.call(
            "resource_create", package_id=self.dataset["id"], name=word("enlazado"), format=word("formato"),
            url=f"https://example.org/{word('externo')}",
        )
        self.wait(lambda: self._loaded()["status"] == "complete", "the file is loaded")
        self.loading = self._loaded()["job_id"]
        self.owner = self.people.sysadmin.call("user_show", id=self.dataset["creator_user_id"])["name"]
        self._beside()
        # The loader writes its own word last; what we add must not be taken for a change.
        self.dataset = editor.call("package_show", id=self.dataset["id"])
        self.resource = self.dataset["resources"][0]
        self.learn()

    def hide(self) -> None:
        """All the way to a promise, hours from now."""
        self.prepare()
        self.submit()
        self.schedule(FAR)

    def submit(self) -> None:
        """Send it to review, with one round of observations before."""
        editor, reviewer = self.people.editor, self.people.reviewer
        self.release = editor.call("edomex_release_submit", dataset_id=self.dataset["id"])
        observed = {"anchor": "row", "resource_id": self.resource["id"], "row": 1, "text": self.word("anotacion")}
        self.observation = reviewer.call("edomex_observation_create", release_id=self.release["id"], **observed)
        reviewer.call("edomex_release_request_changes", id=self.release["id"], note=f"{self.word('observacion')} falta la fuente")
        editor.call("edomex_observation_answer", id=self.observation["id"], text=self.word("respuesta"))
        self.release = editor.call("edomex_release_submit", dataset_id=self.dataset["id"])
        reviewer.call("edomex_observation_resolve", id=self.observation["id"])
        self.learn()
        self.secret_ids.add(self.observation["id"])

    def schedule(self, after: timedelta) -> None:
        """Promise it, `after` from now."""
        self.release = self.people.reviewer.call("edomex_release_approve", id=self.release["id"], release_at=_instant(after))
        self.in_calendar.add(self.release["id"])
        self.learn()

    def reschedule(self, after: timedelta) -> None:
        """Promise another instant."""
        asked = {"id": self.release["id"], "release_at": _instant(after), "reason": "Se espera la validación final."}
        self.release = self.people.reviewer.call("edomex_release_reschedule", **asked)
        self.learn()

    def be_released(self) -> None:
        """Promise it for now, and wait until everybody sees it, in the index too."""
        self.reschedule(timedelta(seconds=1))
        found = {"fq": f"id:{self.dataset['id']}"}
        self.wait(lambda: self.people.anonymous.call("package_search", **found)["count"] == 1, "the engine releases it")
        # The last of what follows a release, of what somebody may be shown.
        self.wait(lambda: self.people.anonymous.call("package_activity_list", id=self.dataset["id"]), "its release is noted")
        self.learn()

    def open_edition(self) -> None:
        """Prepare an edition of what is public: its words are new ones, and the old ones are nobody's secret."""
        editor, public = self.people.editor, self.dataset["id"]
        self.first_mark, self.mark = self.mark, new_mark()
        edition = editor.call("edomex_release_edition_open", dataset_id=public)
        known = {self.dataset["id"], *(each["id"] for each in self.dataset["resources"])}
        self.secret_ids.clear()
        self.public, self.dataset = self.dataset, editor.call("package_show", id=edition["draft_id"])
        changed = {"title": f"{self.word('titulo')} nueva", "notes": self.word("notas"), "tags": [{"name": self.word("etiqueta")}]}
        self.dataset = editor.call("package_patch", id=self.dataset["id"], **changed)
        self.resource = self.dataset["resources"][0]
        editor.call("resource_patch", id=self.resource["id"], description=self.word("descripcion"))
        self.release = editor.call("edomex_release_submit", dataset_id=self.dataset["id"])
        self.words = (self.mark,)
        self.learn()
        self.secret_ids -= known

    def withdraw(self) -> None:
        """Hide the public dataset; with it goes its edition. The note that stays names its id, its agency and the reason."""
        asked = {"dataset_id": self.public["id"], "reason": ACCESS, "legal_ground": GROUND}
        proposed = self.people.reviewer.call("edomex_release_withdraw", **asked)
        self.people.second.call("edomex_release_withdraw_confirm", id=proposed["id"])
        self.words = (self.first_mark, self.mark)
        edition, self.dataset = self.dataset, self.public
        self.resource = self.dataset["resources"][0]
        self.learn(edition["id"])
        # What the note says is everybody's.
        self.secret_ids -= {self.public["id"]}

    def learn(self, *more: str) -> None:
        """Ids that this moment has, from the owner's own eyes."""
        editor, dataset = self.people.editor, self.dataset["id"]
        activities = [each["id"] for each in self.people.sysadmin.call("package_activity_list", id=dataset)]
        views = [each["id"] for each in editor.call("resource_view_list", id=self.resource["id"])]
        releases = [each["id"] for each in editor.call("edomex_release_list", dataset_id=dataset)]
        resources = [each["id"] for each in self.dataset["resources"]]
        self.values |= {
            "dataset": [dataset, self.dataset["name"]],
            "resource": resources,
            "view": views,
            "activity": activities[:2],
            "release": releases[:2],
            "observation": [self.observation["id"]] if self.observation else [],
            "file": [self.resource["url"].rsplit("/", 1)[-1]],
            "hash": [self.resource.get("sha256") or dataset],
            "object": [self.harvested["id"]],
            # Where the bytes are on the disk, ours and CKAN's way.
            "path": [self._blob(), f"resources/{self.resource['id'][:3]}/{self.resource['id'][3:6]}/{self.resource['id'][6:]}"],
        }
        self._fill_words()
        self.secret_ids |= {dataset, *more, *resources, *views, *activities, *releases, self.harvested["id"]}
        self.secret_ids -= self.in_calendar

    def _fill_words(self) -> None:
        """Values that are no ids: what is searched for, and names of what is everybody's."""
        self.values |= {
            "mark": [self.mark], "title": [self.word("titulo")], "tag": [self.word("etiqueta")], "format": [self.word("formato")],
            "cell": [self.word("celda")], "note": [self.word("observacion")], "dictionary": [self.word("diccionario")],
            "agency": [self.agency], "theme": [self.theme], "user": [self.owner], "task_id": [self.task["id"]],
            "loading": [self.loading], "public": [self.dataset["id"]],
            **FIXED,
        }

    def wait(self, condition: Any, what: str) -> None:
        """Until something is true that other processes bring about."""
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            with contextlib.suppress(ApiError):
                if condition():
                    return
            time.sleep(0.1)
        raise AssertionError(f"not within {WAIT_S:.0f} s: {what}")

    def _blob(self) -> str:
        sha256 = self.resource.get("sha256") or "0" * 64
        return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def _loaded(self) -> dict[str, Any]:
        return self.people.editor.call("xloader_status", resource_id=self.resource["id"])

    def _cells(self) -> bytes:
        return f"clave,{self.word('columna')}\n1,{self.word('celda')}\n".encode()

    def _theme(self) -> str:
        themes = self.people.sysadmin.call("group_list")
        return themes[0] if themes else self.people.sysadmin.call("group_create", name="tema-del-canario", title="Tema")["name"]

    def _beside(self) -> None:
        """What does not stand in the dataset itself: views, dictionary, a loader's error, a harvested original, a follower."""
        sysadmin, word, resource = self.people.sysadmin, self.word, self.resource["id"]
        view = {"resource_id": resource, "title": word("vista"), "description": word("detalle"), "view_type": "text_view"}
        self.people.editor.call("resource_view_create", **view)
        fields = [{"id": "clave", "type": "text"}, {"id": word("columna"), "type": "text", "info": {"label": word("diccionario")}}]
        self.people.editor.call("datastore_create", resource_id=resource, fields=fields, force=True)
        task = {"entity_id": resource, "entity_type": "resource", "task_type": "canario", "key": "canario"}
        self.task = sysadmin.call("task_status_update", **task, value="{}", state="error", error=word("error"))
        self.people.editor.call("follow_dataset", id=self.dataset["id"])
        self._harvested(sysadmin)

    def _harvested(self, sysadmin: Api) -> None:
        source = {"name": f"fuente-{self.mark}", "title": "Fuente", "url": f"https://example.org/{secrets.token_hex(6)}"}
        # Of a type whose job reads and takes nothing until somebody approves it.
        source |= {"source_type": "edomex_datajson", "owner_org": self.agency, "frequency": "MANUAL"}
        source = sysadmin.call("harvest_source_create", **source)
        job = sysadmin.call("harvest_job_create", source_id=source["id"], run=False)
        original = {"guid": word_free(), "content": f'{{"title": "{self.word("original")}"}}', "package_id": self.dataset["id"]}
        self.harvested = sysadmin.call("harvest_object_create", job_id=job["id"], source_id=source["id"], **original)
        self.values |= {"source": [source["id"], source["name"]], "job": [job["id"]]}


def new_mark() -> str:
    """A word that no other dataset, page or message has; letters only, so that no tokenizer cuts it."""
    return "canario" + "".join(itertools.islice((chr(ord("a") + each % 26) for each in secrets.token_bytes(8)), 8))


def word_free() -> str:
    """A name that says nothing."""
    return f"urn:x:{secrets.token_hex(8)}"


def _instant(after: timedelta) -> str:
    return (datetime.now(UTC) + after).isoformat()

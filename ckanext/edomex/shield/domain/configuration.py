"""What a configuration shows to strangers, from nothing but its effective values. Fast: a start waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ckanext.edomex.shield.domain.addresses import is_inside
from ckanext.edomex.shield.domain.findings import Finding
from ckanext.edomex.shield.domain.secrets import is_default_password, is_weak

#: Ours, in the order in which they have to come, all before any other.
# Pages stand before those that they add to: notices in the header, audit on pages of plans and releases, planning on the
# page of the Autoservicio.
ORDER = (
    "edomex_shield", "edomex_notices", "edomex_audit", "edomex", "edomex_planning", "edomex_outbound", "edomex_release", "edomex_feed",
    "edomex_federation",
)  # fmt: skip
NEEDED = ("edomex_shield", "edomex", "edomex_release")
LABELS = "edomex_release"
UNWANTED = MappingProxyType({"stats": "plugin_leaks", "resource_proxy": "plugin_leaks", "tracking": "plugin_tracks"})
#: Types of a file that can hold a script; a word without a slash stands for all of its kind.
SCRIPTS = ("html", "svg", "xml", "javascript", "*")
WITH_SCRIPTS = frozenset({"image", "text", "application"})
STORAGES = "ckan.files.storage."
JWT = ("api_token.jwt.encode.secret", "api_token.jwt.decode.secret")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """An installation as CKAN sees it, after every plugin had its say."""

    options: Mapping[str, Any]
    plugins: Sequence[str]
    #: Names of plugins with permission labels, in the order in which CKAN asks.
    label_plugins: Sequence[str]
    #: What the shield decides whatever the file says, and what it only defaults.
    forced: Mapping[str, Any]
    defaults: Mapping[str, Any]
    #: Folders that a web server shows, and folders of files, as absolute paths.
    served: Sequence[str] = ()
    stored: Sequence[str] = ()

    def on(self, option: str) -> bool:
        """Whether a switch is on, declared or not."""
        return str(self.options.get(option) or "").strip().lower() in {"true", "1", "yes", "on", "y"}

    def words(self, option: str) -> list[str]:
        """A list, declared or not."""
        value: str | Sequence[Any] = self.options.get(option) or ""
        return value.split() if isinstance(value, str) else [str(word) for word in value]

    def text(self, option: str) -> str:
        """A text; empty for none."""
        return str(self.options.get(option) or "").strip()


Rule = Callable[[Facts], Iterator[Finding]]


def examine(facts: Facts) -> list[Finding]:
    """Everything that is wrong with it."""
    return [finding for rule in RULES for finding in rule(facts)]


def _decided(facts: Facts) -> Iterator[Finding]:
    # Of what is only defaulted, the doors: the rest is the operator's to choose.
    doors = {option: value for option, value in facts.defaults.items() if value is False}
    for code, table in (("forced_setting", facts.forced), ("open_door", doors)):
        for option, value in table.items():
            if not _is_so(facts, option, value):
                yield Finding(code=code, seen=option)


def _is_so(facts: Facts, option: str, value: object) -> bool:
    if isinstance(value, bool):
        return facts.on(option) is value
    return facts.words(option) == value if isinstance(value, list) else facts.text(option) == value


def _plugins(facts: Facts) -> Iterator[Finding]:
    for name in NEEDED:
        if name not in facts.plugins:
            yield Finding(code="plugin_missing", seen=name)
    for name, code in UNWANTED.items():
        if name in facts.plugins:
            yield Finding(code=code, seen=name)
    expected = [*(name for name in ORDER if name in facts.plugins), *(name for name in facts.plugins if name not in ORDER)]
    if list(facts.plugins) != expected:
        wrong = next(is_ for is_, should in zip(facts.plugins, expected, strict=True) if is_ != should)
        yield Finding(code="plugin_order", seen=wrong)
    if facts.label_plugins and facts.label_plugins[0] != LABELS:
        yield Finding(code="labels_not_first", seen=facts.label_plugins[0])


#: Switches that have to be off, and those that have to be on.
OFF = MappingProxyType({
    "debug": "debug_on",
    "ckan.webassets.debug": "debug_on",
    "ckanext.dcat.enable_rdf_endpoints": "rdf_endpoints",
    "ckanext.dcat.enable_content_negotiation": "rdf_endpoints",
    "ckan.auth.create_default_api_keys": "default_api_keys",
    "ckan.auth.allow_dataset_collaborators": "collaborators",
})
ON = MappingProxyType({
    "SESSION_COOKIE_SECURE": "cookie_insecure",
    "REMEMBER_COOKIE_SECURE": "cookie_insecure",
    "SESSION_COOKIE_HTTPONLY": "cookie_readable",
    "REMEMBER_COOKIE_HTTPONLY": "cookie_readable",
    "WTF_CSRF_ENABLED": "csrf_off",
    "WTF_CSRF_CHECK_DEFAULT": "csrf_off",
})


def _switches(facts: Facts) -> Iterator[Finding]:
    for option, code in OFF.items():
        if facts.on(option):
            yield Finding(code=code, seen=option)
    for option, code in ON.items():
        if not facts.on(option):
            yield Finding(code=code, seen=option)
    if "xloader" in facts.plugins and not facts.on("ckanext.xloader.ssl_verify"):
        yield Finding(code="loader_trusts_anybody", seen="ckanext.xloader.ssl_verify")


def _words(facts: Facts) -> Iterator[Finding]:
    if facts.text("SESSION_COOKIE_SAMESITE").lower() not in {"lax", "strict"}:
        yield Finding(code="cookie_cross_site", seen="SESSION_COOKIE_SAMESITE")
    if facts.text("SESSION_TYPE") == "cookie":
        yield Finding(code="session_in_cookie", seen="SESSION_TYPE")
    if facts.text("ckan.display_timezone") != "America/Mexico_City":
        yield Finding(code="time_zone", seen=facts.text("ckan.display_timezone") or "ckan.display_timezone")
    inherited = set(facts.words("ckan.auth.roles_that_cascade_to_sub_groups")) - {"admin"}
    if inherited:
        yield Finding(code="roles_cascade", seen=", ".join(sorted(inherited)))
    # Where nothing is said, CKAN hides that of the site's own account.
    kept_quiet = facts.words("ckan.hide_activity_from_users")
    if "activity" in facts.plugins and kept_quiet and facts.text("ckan.site_id") not in kept_quiet:
        yield Finding(code="activity_of_site", seen="ckan.hide_activity_from_users")


def _types(facts: Facts) -> Iterator[Finding]:
    for word in facts.words("ckan.files.inline_content_types"):
        if word in WITH_SCRIPTS or any(part in word for part in SCRIPTS):
            yield Finding(code="inline_pages", seen=word)
    for kind in ("user", "group"):
        for word in facts.words(f"ckan.upload.{kind}.mimetypes"):
            if any(part in word for part in SCRIPTS) or "/" not in word:
                yield Finding(code="svg_uploads", seen=f"ckan.upload.{kind}.mimetypes: {word}")


def _secrets(facts: Facts) -> Iterator[Finding]:
    for option in ("SECRET_KEY", "WTF_CSRF_SECRET_KEY", *JWT):
        if is_weak(_secret(facts, option)):
            yield Finding(code="secret_weak", seen=option)
    for option in ("beaker.session.secret", "ckanext.edomex.release.metrics_token"):
        if facts.text(option) and is_weak(facts.text(option)):
            yield Finding(code="secret_weak", seen=option)
    encode, decode = (_secret(facts, option) for option in JWT)
    if encode == facts.text("SECRET_KEY"):
        yield Finding(code="secret_shared", seen=JWT[0])
    if encode != decode and facts.text("api_token.jwt.algorithm").startswith("HS"):
        yield Finding(code="token_secrets_differ", seen=", ".join(JWT))


def _secret(facts: Facts, option: str) -> str:
    """The secret itself; CKAN takes SECRET_KEY where none is given. One that is in a file was read when the facts were gathered."""
    value = facts.text(option)
    return value.removeprefix("string:") or facts.text("SECRET_KEY")


def _address(facts: Facts) -> Iterator[Finding]:
    found = urlsplit(facts.text("ckan.site_url"))
    if found.scheme != "https":
        yield Finding(code="address_http", seen=facts.text("ckan.site_url"))
    if is_inside(found.hostname or "") or (found.hostname or "").endswith((".local", ".test", ".invalid", ".example")):
        yield Finding(code="address_local", seen=facts.text("ckan.site_url"))


def _databases(facts: Facts) -> Iterator[Finding]:
    core, write, read = (
        urlsplit(facts.text(option)) for option in ("sqlalchemy.url", "ckan.datastore.write_url", "ckan.datastore.read_url")
    )
    addresses = {"sqlalchemy.url": core}
    if "datastore" in facts.plugins:
        addresses |= {"ckan.datastore.write_url": write, "ckan.datastore.read_url": read}
        if read.username == write.username:
            yield Finding(code="datastore_same_user", seen=read.username or "?")
        if (write.hostname, write.port, write.path) == (core.hostname, core.port, core.path):
            yield Finding(code="datastore_same_database", seen=write.path.lstrip("/"))
    for option, address in addresses.items():
        if address.password and is_default_password(address.username or "", address.password):
            yield Finding(code="password_default", seen=option)


def _mail(facts: Facts) -> Iterator[Finding]:
    if not facts.text("smtp.mail_from"):
        yield Finding(code="mail_absent", seen="smtp.mail_from")
    if not facts.text("smtp.user"):
        return
    if not facts.text("smtp.password"):
        yield Finding(code="mail_no_password", seen="smtp.password")
    host = facts.text("smtp.server").partition(":")[0]
    if not facts.on("smtp.starttls") and host not in {"localhost", "127.0.0.1", "::1"}:
        yield Finding(code="mail_open", seen="smtp.starttls")


def _storages(facts: Facts) -> Iterator[Finding]:
    pictures = {facts.text(f"ckan.files.default_storages.{kind}") for kind in ("admin", "user", "group")}
    for option in facts.options:
        name, _, setting = option.removeprefix(STORAGES).partition(".")
        is_public = (setting == "public" and facts.on(option)) or (setting == "type" and facts.text(option).endswith(":public"))
        if option.startswith(STORAGES) and is_public and name not in pictures:
            yield Finding(code="storage_public", seen=name)
    for folder in facts.stored:
        if any(f"{folder}/".startswith(f"{served.rstrip('/')}/") for served in facts.served):
            yield Finding(code="storage_served", seen=folder)


RULES: tuple[Rule, ...] = (_decided, _plugins, _switches, _words, _types, _secrets, _address, _databases, _mail, _storages)

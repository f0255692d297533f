"""Which commands mend a portal: they have to run while the others are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

#: First words of `ckan …`. They look at the configuration and the database, or mend them; none serves anybody.
MENDING = (
    ("edomex", "doctor"),
    ("edomex", "audit"),
    ("edomex", "backup"),
    ("edomex", "release", "status"),
    ("db",),
    ("config",),
    ("config-tool",),
    ("datastore", "set-permissions"),
    ("user",),
    ("sysadmin",),
    ("plugin-info",),
    ("jobs", "list"),
    ("jobs", "show"),
    ("jobs", "cancel"),
    ("jobs", "clear"),
)
#: Options of `ckan` itself that take a value.
WITH_VALUE = frozenset({"-c", "--config"})


def mends(arguments: Sequence[str]) -> bool:
    """Whether what follows `ckan` on a command line is one of them. No command at all only prints help."""
    words = list(_words(arguments))
    return not words or any(tuple(words[: len(command)]) == command for command in MENDING)


def _words(arguments: Sequence[str]) -> Iterator[str]:
    following = iter(arguments)
    for word in following:
        if word in WITH_VALUE:
            next(following, None)
        elif not word.startswith("-"):
            yield word

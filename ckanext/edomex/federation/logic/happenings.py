"""What people have to know of a source, told to whichever room writes notices, within the caller's transaction."""

from __future__ import annotations

from ckan import model as ckan_model

from ckanext.edomex.adapters import signals


def tell(source_id: str, move: str, key: str, actor: str | None = None) -> None:
    """Tell of a source.

    Args:
        source_id: its id.
        move: `tried`, `approved` or `held`.
        key: the same for the same time that it comes to that.
        actor: name of the account that did it; nobody tells people what they did.
    """
    package = ckan_model.Package.get(source_id)
    if package is None:
        return
    user = ckan_model.User.get(actor) if actor else None
    signals.SOURCE_MOVED.send(package.name, move=move, key=key, agency_id=package.owner_org, actor=user.id if user else None)

"""Who sees what is not public: the agency, as CKAN has it, and reviewers once it is sent to them."""

from __future__ import annotations

from ckan import model
from ckan.lib.plugins import DefaultPermissionLabels

from ckanext.edomex.release.domain.lifecycle import UNDER_REVIEW
from ckanext.edomex.release.model import open_release, roles_of

#: Label of datasets under review, and of those who review.
REVIEW = "edomex-review"
_default = DefaultPermissionLabels()


def of_dataset(package: model.Package) -> list[str]:
    """CKAN's labels, and ours while the dataset is under review. Labels add to `private`, they never replace it."""
    labels = _default.get_dataset_labels(package)
    if package.type == "dataset" and package.private:
        release = open_release(model.Session, package.id)
        if release is not None and release.state in UNDER_REVIEW:
            labels.append(REVIEW)
    return labels


def of_user(user: model.User | None) -> list[str]:
    """CKAN's labels, and ours for who has a role in releases."""
    labels = _default.get_user_dataset_labels(user)  # type: ignore[arg-type]  # None is an anonymous visitor
    if user is not None and not user.is_anonymous and roles_of(model.Session, user.id):
        labels.append(REVIEW)
    return labels

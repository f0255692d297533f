"""Invitations, leavers and closed accounts, by who may and who may not."""

import email
import email.policy
import socket
from datetime import UTC, datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from ckan import model
from ckan.plugins import toolkit as tk
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.shield.model.tables import Account

HERE = {"Origin": "http://test.ckan.net"}
PASSWORD = "correcta-3141592653"


@pytest.fixture
def boss(agency):
    """The administrator of the agency."""
    user = factories.User(password=PASSWORD)
    tk.get_action("organization_member_create")(
        {"ignore_auth": True, "user": ""}, {"id": agency["id"], "username": user["name"], "role": "admin"}
    )
    return user


class Box:
    """What a real mail server took."""

    def __init__(self):
        self.taken = []

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802  # the library's name
        self.taken.append(email.message_from_bytes(envelope.content, policy=email.policy.default))
        return "250 OK"


@pytest.fixture
def letters(app):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    box = Box()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    sender, place = changed_config("smtp.mail_from", "portal@example.org"), changed_config("smtp.server", f"127.0.0.1:{port}")
    with sender, place, app.flask_app.test_request_context():
        yield box.taken
    server.stop()


class TestInvitation:
    def test_by_an_agencys_administrator_in_spanish(self, act, boss, agency, letters):
        invited = act(boss, "user_invite", email="nueva@example.org", group_id=agency["id"], role="editor")
        assert invited["state"] == "pending"
        (letter,) = letters
        text = letter.get_content()
        assert letter["To"] == "nueva@example.org"
        assert "elija una contraseña" in text
        assert "/user/reset/" in text
        assert letter["Subject"].startswith("Su acceso a")

    def test_makes_no_administrator_of_the_portal(self, act, boss, agency, letters):
        asked = {"email": "nueva@example.org", "group_id": agency["id"], "role": "admin", "sysadmin": True, "id": boss["id"]}
        invited = act(boss, "user_invite", **asked)
        user = model.User.get(invited["id"])
        assert user.sysadmin is False
        assert user.id != boss["id"]

    def test_is_for_ones_own_agency_alone(self, act, boss, editor, agency, stranger, letters):
        other = factories.Organization()
        asked = {"email": "nueva@example.org", "role": "editor"}
        for who, place in ((boss, other), (editor, agency), (stranger, agency), (None, agency)):
            with pytest.raises(tk.NotAuthorized):
                act(who, "user_invite", group_id=place["id"], **asked)
        assert letters == []

    @pytest.mark.parametrize("role", ["sysadmin", "reviewer", "", None])
    def test_knows_three_roles(self, act, boss, agency, letters, role):
        with pytest.raises(tk.ValidationError):
            act(boss, "user_invite", email="nueva@example.org", group_id=agency["id"], role=role)


class TestClosing:
    def test_ends_everything_at_once_and_keeps_what_was_done(self, app, act, boss, editor, agency):
        dataset = act(editor, "package_create", title="x", owner_org=agency["id"])
        user = model.User.get(editor["name"])
        user.password = PASSWORD
        model.Session.commit()
        token = factories.APIToken(user=editor["name"])["token"]
        client = app.test_client()
        client.post("/user/login", data={"login": editor["name"], "password": PASSWORD}, headers=HERE)
        assert client.get("/autoservicio", follow_redirects=False).status_code == 200
        assert app.get("/autoservicio", headers={"Authorization": token}, follow_redirects=False).status_code == 200

        done = act(boss, "edomex_account_close", user=editor["name"])
        assert done == {"user": editor["name"], "tokens": 1, "memberships": 1, "sessions": 1}
        assert client.get("/autoservicio", follow_redirects=False).status_code == 302
        assert app.get("/autoservicio", headers={"Authorization": token}, follow_redirects=False).status_code == 302
        client.post("/user/login", data={"login": editor["name"], "password": PASSWORD}, headers=HERE)
        assert client.get("/autoservicio", follow_redirects=False).status_code == 302
        model.Session.expire_all()
        kept = model.Session.get(Account, editor["id"])
        assert kept.closed_by == boss["name"]
        assert kept.closed_at is not None
        assert model.User.get(editor["id"]).state == "deleted"
        assert model.Package.get(dataset["id"]).creator_user_id == editor["id"]
        with pytest.raises((tk.ObjectNotFound, tk.NotAuthorized)):
            act(boss, "edomex_account_close", user=editor["name"])

    def test_who_works_for_another_agency_too_is_the_portals_business(self, act, boss, editor, stranger, sysadmin):
        other = model.Session.query(model.Group).filter(model.Group.id.in_(_agencies(stranger))).one()
        tk.get_action("organization_member_create")(
            {"ignore_auth": True, "user": ""}, {"id": other.id, "username": editor["name"], "role": "member"}
        )
        for who in (boss, stranger):
            with pytest.raises(tk.NotAuthorized):
                act(who, "edomex_account_close", user=editor["name"])
        assert act(sysadmin, "edomex_account_close", user=editor["name"])["memberships"] == 2

    def test_others_do_not(self, act, boss, editor, stranger, reviewer):
        for who in (None, editor, stranger, reviewer):
            with pytest.raises(tk.NotAuthorized):
                act(who, "edomex_account_close", user=boss["name"])
        with pytest.raises(tk.NotAuthorized):
            act(boss, "edomex_account_close", user=reviewer["name"])
        for who in (boss, stranger):
            with pytest.raises(tk.NotAuthorized):
                act(who, "edomex_account_close", user="nadie")

    def test_not_ones_own(self, act, boss, sysadmin):
        for who in (boss, sysadmin):
            with pytest.raises(tk.ValidationError):
                act(who, "edomex_account_close", user=who["name"])

    def test_takes_the_states_roles_away(self, act, sysadmin, reviewer):
        act(sysadmin, "edomex_account_close", user=reviewer["name"])
        assert act(sysadmin, "edomex_release_role_list") == []


def _agencies(user):
    from ckanext.edomex.shield.model.accounts import agencies_of

    return agencies_of(user["id"])


class TestReport:
    def test_finds_unused_accounts_and_leavers(self, act, boss, editor, sysadmin, stranger):
        model.User.get(boss["name"]).last_active = datetime.now(UTC).replace(tzinfo=None)
        model.User.get(editor["name"]).last_active = (datetime.now(UTC) - timedelta(days=91)).replace(tzinfo=None)
        model.Session.commit()
        gone = (datetime.now(UTC).date() - timedelta(days=17)).isoformat()
        assert act(boss, "edomex_account_leave", user=editor["name"], on=gone)["leaves_on"] == gone
        (row,) = act(boss, "edomex_account_report", only_findings=True)
        assert row["user"] == editor["name"]
        assert row["findings"] == ["unused", "leaver_open"]
        assert {each["user"] for each in act(boss, "edomex_account_report")} == {editor["name"], boss["name"]}
        assert {editor["name"], stranger["name"]} <= {each["user"] for each in act(sysadmin, "edomex_account_report")}
        assert act(boss, "edomex_account_leave", user=editor["name"], on="")["leaves_on"] is None
        act(boss, "edomex_account_close", user=editor["name"])
        assert act(boss, "edomex_account_report", only_findings=True) == []

    def test_is_for_who_administers(self, act, editor, reviewer, agency):
        for who in (None, editor, reviewer):
            with pytest.raises(tk.NotAuthorized):
                act(who, "edomex_account_report")

    def test_a_date_is_a_date(self, act, boss, editor):
        with pytest.raises(tk.ValidationError):
            act(boss, "edomex_account_leave", user=editor["name"], on="mañana")

    def test_says_nothing_about_passwords_and_addresses(self, act, boss):
        (row,) = [each for each in act(boss, "edomex_account_report") if each["user"] == boss["name"]]
        assert model.User.get(boss["name"]).email not in repr(row)

    def test_on_the_command_line(self, cli, boss, editor, sysadmin):
        from ckan.cli.cli import ckan

        model.User.get(editor["name"]).last_active = (datetime.now(UTC) - timedelta(days=91)).replace(tzinfo=None)
        model.Session.commit()
        told = cli.invoke(ckan, ["edomex", "accounts", "report"]).output
        assert f"{editor['name']}\t" in told
        assert "sin uso desde hace 90 días" in told
        assert "cerrada" in cli.invoke(ckan, ["edomex", "accounts", "close", editor["name"]]).output
        assert editor["name"] not in cli.invoke(ckan, ["edomex", "accounts", "report", "--all"]).output
        missing = cli.invoke(ckan, ["edomex", "accounts", "reset-factor", "nadie"])
        assert missing.exit_code == 1
        assert "No existe esa cuenta" in missing.output


class TestPages:
    @pytest.fixture
    def visit(self, app):
        def go(user, path, form=None):
            headers = {"Authorization": factories.APIToken(user=user["name"])["token"]} if user else {}
            options = {"headers": headers, "follow_redirects": False, "status": None}
            return app.get(path, **options) if form is None else app.post(path, data=form, **options)

        return go

    def test_an_administrator_sees_their_people_and_closes_one(self, visit, boss, editor):
        page = visit(boss, "/autoservicio/cuentas").body
        assert f"/autoservicio/cuentas/{editor['name']}" in page
        assert "Nunca se ha usado" in page
        assert "Cerrar la cuenta de" in visit(boss, f"/autoservicio/cuentas/{editor['name']}").body
        assert visit(boss, f"/autoservicio/cuentas/{editor['name']}/cierre", {}).status_code == 303
        assert f"/autoservicio/cuentas/{editor['name']}" not in visit(boss, "/autoservicio/cuentas").body
        assert visit(boss, f"/autoservicio/cuentas/{editor['name']}").status_code == 404

    def test_who_is_not_theirs_to_decide_on_has_no_button(self, visit, boss, agency, reviewer):
        tk.get_action("organization_member_create")(
            {"ignore_auth": True, "user": ""}, {"id": agency["id"], "username": reviewer["name"], "role": "member"}
        )
        page = visit(boss, "/autoservicio/cuentas").body
        assert reviewer["name"] in page
        assert f"/autoservicio/cuentas/{reviewer['name']}" not in page
        assert visit(boss, f"/autoservicio/cuentas/{reviewer['name']}").status_code == 404

    def test_a_day_of_leaving(self, visit, boss, editor):
        path = f"/autoservicio/cuentas/{editor['name']}/salida"
        wrong = visit(boss, path, {"on": "mañana"})
        assert wrong.status_code == 400
        assert "Escriba la fecha como" in wrong.body
        assert visit(boss, path, {"on": "2031-03-01"}).status_code == 303
        assert "Se va el 2031-03-01" in visit(boss, "/autoservicio/cuentas").body

    def test_an_invitation(self, visit, boss, agency, letters):
        form = {"email": "nueva@example.org", "group_id": agency["id"], "role": "editor"}
        wrong = visit(boss, "/autoservicio/cuentas", {**form, "email": "no es correo"})
        assert wrong.status_code == 400
        assert 'value="no es correo"' in wrong.body
        assert visit(boss, "/autoservicio/cuentas", form).status_code == 303
        assert len(letters) == 1
        assert "Invitada, todavía sin contraseña" in visit(boss, "/autoservicio/cuentas").body

    def test_one_does_not_close_oneself(self, visit, boss):
        path = f"/autoservicio/cuentas/{boss['name']}"
        assert "Cerrar la cuenta de" not in visit(boss, path).body
        assert visit(boss, f"{path}/cierre", {}).status_code == 400

    @pytest.mark.parametrize("path", ["/autoservicio/cuentas", "/autoservicio/cuentas/{name}"])
    def test_are_nobody_elses(self, visit, boss, editor, reviewer, path):
        place = path.format(name=editor["name"])
        assert "/user/login" in visit(None, place).headers["Location"]
        assert visit(editor, place).status_code == 404
        assert visit(reviewer, place).status_code == 404
        for step in ("salida", "cierre"):
            assert visit(reviewer, f"/autoservicio/cuentas/{editor['name']}/{step}", {}).status_code == 404

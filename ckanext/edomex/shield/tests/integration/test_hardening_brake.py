"""The brake: guesses are slowed down, their victim is not kept out, and nothing is guessed while nobody counts."""

import threading

import pytest
from ckan import model
from ckan.lib.redis import connect_to_redis
from ckan.tests import factories
from ckan.tests.helpers import changed_config

from ckanext.edomex.shield.model import brake

HERE = {"Origin": "http://test.ckan.net"}
PASSWORD = "correcta-3141592653"


@pytest.fixture(autouse=True)
def _nothing_counted():
    def clean():
        for key in connect_to_redis().scan_iter("edomex:brake:*"):
            connect_to_redis().delete(key)

    clean()
    yield
    clean()


@pytest.fixture
def person(clean_releases):
    return factories.User(password=PASSWORD)


@pytest.fixture
def attempt(app):
    """One attempt to log in, from an address."""

    def go(login, password="falsa", address="192.0.2.1"):
        form = {"login": login, "password": password}
        with changed_config("ckanext.edomex.shield.trusted_proxies", 1):
            return app.test_client().post("/user/login", data=form, headers={**HERE, "X-Forwarded-For": address})

    return go


def came_in(answer):
    return bool(answer.history)


def test_the_sixth_guess_waits_and_says_how_long(attempt, person):
    for _ in range(6):
        assert attempt(person["name"]).status_code == 200
    held = attempt(person["name"], PASSWORD)
    assert held.status_code == 429
    assert 0 < int(held.headers["Retry-After"]) <= 2
    assert "Espere" in held.text
    assert person["name"] not in held.text


def test_by_any_of_its_names_it_is_one_account(attempt, person):
    names = [person["name"], model.User.get(person["name"]).email, model.User.get(person["name"]).email.upper()]
    for n in range(6):
        attempt(names[n % 3])
    assert attempt(names[1]).status_code == 429


def test_whoever_waits_gets_in(attempt, person):
    for _ in range(6):
        attempt(person["name"])
    assert attempt(person["name"], PASSWORD).status_code == 429
    # As if the two seconds were over.
    for key in connect_to_redis().scan_iter("edomex:brake:gate:*"):
        connect_to_redis().delete(key)
    assert came_in(attempt(person["name"], PASSWORD))
    # And starts anew.
    for _ in range(5):
        assert attempt(person["name"]).status_code == 200


def test_guesses_from_many_addresses_wait_and_their_victim_does_not(attempt, person):
    assert came_in(attempt(person["name"], PASSWORD, "198.51.100.1"))
    answers = [attempt(person["name"], address=f"192.0.2.{n}").status_code for n in range(30)]
    assert 429 in answers
    assert attempt(person["name"], PASSWORD, "203.0.113.9").status_code == 429
    assert came_in(attempt(person["name"], PASSWORD, "198.51.100.1"))


def test_one_address_that_tries_many_accounts_waits(attempt, clean_releases):
    answers = [attempt(f"persona-{n}").status_code for n in range(62)]
    assert answers[:60] == [200] * 60
    assert 429 in answers[60:]


def test_an_office_that_shares_an_address_logs_in_as_often_as_it_likes(attempt, person, clean_releases):
    assert all(came_in(attempt(person["name"], PASSWORD)) for _ in range(65))


def test_many_at_once_gain_nothing(person):
    from ckanext.edomex.shield.domain.brake import of_log_in

    passed, barrier = [], threading.Barrier(40)

    def guess():
        barrier.wait()
        if brake.take(of_log_in(person["name"], "192.0.2.1", known=True)) == 0:
            passed.append(1)

    threads = [threading.Thread(target=guess) for _ in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 5 <= len(passed) <= 6


def test_an_address_that_somebody_writes_themselves_does_not_count(app, person):
    for n in range(6):
        form = {"login": person["name"], "password": "falsa"}
        app.test_client().post("/user/login", data=form, headers={**HERE, "X-Forwarded-For": f"192.0.2.{n}"})
    form = {"login": person["name"], "password": PASSWORD}
    answer = app.test_client().post("/user/login", data=form, headers={**HERE, "X-Forwarded-For": "192.0.2.77"})
    assert answer.status_code == 429


def test_letters_that_reset_a_password_wait(app, person):
    answers = [app.post("/user/reset", data={"user": person["name"]}, headers=HERE, status=None) for _ in range(6)]
    assert [answer.status_code for answer in answers[:3]].count(429) == 0
    assert answers[-1].status_code == 429
    assert "Ya se pidieron varios mensajes" in answers[-1].body


def test_without_valkey_nobody_guesses(attempt, person, app, monkeypatch):
    from redis import Redis

    monkeypatch.setattr(brake, "connect_to_redis", lambda: Redis(port=1, socket_connect_timeout=0.2))
    closed = attempt(person["name"], PASSWORD)
    assert closed.status_code == 503
    assert "Por ahora no se puede iniciar sesión" in closed.text
    assert app.post("/user/reset", data={"user": person["name"]}, headers=HERE, status=None).status_code == 503
    assert app.get("/dataset/").status_code == 200
    token = factories.APIToken(user=person["name"])["token"]
    assert app.get("/autoservicio", headers={"Authorization": token}).status_code == 200


def test_who_does_not_exist_takes_as_long_as_who_does(attempt, person, monkeypatch):
    from ckanext.edomex.shield.views import brake as view

    looked_at = []
    monkeypatch.setattr(view.pbkdf2_sha512, "verify", lambda *a, **k: looked_at.append(a) or False)
    attempt("nadie-así")
    assert len(looked_at) == 1


def test_what_is_kept_names_nobody(attempt, person):
    attempt(person["name"])
    keys = b" ".join(connect_to_redis().scan_iter("edomex:brake:*"))
    assert keys
    assert person["name"].encode() not in keys
    assert b"192.0.2" not in keys

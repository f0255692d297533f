"""What a person sees when CKAN itself fails."""


def test_an_unforeseen_error_is_told_in_spanish_and_tells_nothing(app, clean_releases):
    portal = app.flask_app
    propagated = portal.config.get("PROPAGATE_EXCEPTIONS")
    # CKAN's tests let errors through; a portal at work does not.
    portal.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        with portal.test_request_context("/", environ_overrides={"CKAN_LANG": "es", "CKAN_CURRENT_URL": "/"}):
            portal.preprocess_request()
            answer = portal.make_response(portal.handle_exception(RuntimeError("postgresql://ckan:secreto@db/ckan")))
    finally:
        portal.config["PROPAGATE_EXCEPTIONS"] = propagated
    assert answer.status_code == 500
    page = answer.get_data(as_text=True)
    assert "El portal tuvo un problema" in page
    for told in ("Internal", "Traceback", "RuntimeError", "secreto"):
        assert told not in page

"""What two finished films teach of a user, over the running service; and how it is forgotten."""

from __future__ import annotations

from typing import Any

import pytest

from ..harness import Sandbox, Service, ask, fetch

MESSAGE = "Voglio un video verticale di 10 secondi sul pane fresco, tono caldo"


def likes(service: Service, user: str) -> dict[str, dict[str, Any]]:
    """The user's preferences, by category."""
    told = ask("GET", f"{service.url}/api/orchestrator/users/{user}/preferences")
    return {one["category"]: one for one in told["preferences"]}


@pytest.mark.slow
def test_two_films_of_ten_seconds_make_it_the_users_length_until_it_is_forgotten(
    shared: Service, sandbox: Sandbox,
) -> None:
    api = f"{shared.url}/api/orchestrator"
    campaign = ask("POST", f"{api}/campaigns", {"userId": "lucia", "name": "Pane Q1", "guidelines": "Mani in vista."})
    films = []
    for confidence in (0.5, 0.667):
        film = shared.wait(shared.create(MESSAGE, "lucia", campaignId=campaign["campaignId"])["taskId"])
        assert (film["status"], film["degraded"], film["campaignId"]) == ("completed", [], campaign["campaignId"])
        assert film["brief"]["durationSeconds"] == 10
        films.append(film)
        shown = likes(shared, "lucia")
        assert (shown["duration"]["value"], shown["aspectRatio"]["value"]) == (10, "9:16")
        assert shown["duration"]["confidence"] == pytest.approx(confidence, abs=0.005)
    assert shown["duration"]["usedAsDefault"]
    assert {piece["projectId"] for piece in shown["duration"]["evidence"]} == {film["projectId"] for film in films}
    context = ask("GET", f"{api}/campaigns/{campaign['campaignId']}?userId=lucia")["context"]
    assert [one["projectId"] for one in context["projects"]] == [film["projectId"] for film in reversed(films)]
    assert context["meanDurationSeconds"] == 10
    rated = ask("POST", f"{api}/projects/{films[0]['projectId']}/feedback", {"userId": "lucia", "rating": 5})
    assert rated["learned"]
    assert likes(shared, "lucia")["duration"]["confidence"] == pytest.approx(3.5 / 4.5, abs=0.005)

    removed = ask("DELETE", f"{api}/users/lucia/memory")["removed"]
    assert (removed["projects"], removed["campaigns"], removed["feedback"]) == (2, 1, 1)
    assert likes(shared, "lucia") == {}
    assert shared.get(films[0]["videoUrl"])[0] == 200
    again = shared.wait_until(shared.create("Voglio un video come l'altra volta", "lucia")["taskId"],
                              lambda status: bool(status["brief"]))
    assert again["context"]["matches"] == []
    assert fetch("GET", f"{api}/campaigns/{campaign['campaignId']}?userId=lucia")[0] == 404

"""A picture that a user uploaded: the film's pictures look like it, or show who or what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from ..harness import Sandbox, Service
from ..integration.uploads import png
from .conftest import cancel_open_tasks
from .looking import no_pictures
from .test_memory_of_everything import BRIEF, upload

PLAIN = "A film about our red shoe, 10 seconds"


@pytest.fixture(autouse=True)
def only_orders(common_service: Service, sandbox: Sandbox) -> Iterator[None]:
    """These films are looked at by what is ordered for them."""
    no_pictures(sandbox)
    yield
    cancel_open_tasks(common_service)


def ordered(service: Service, sandbox: Sandbox, message: str, user: str, **more: Any) -> list[dict[str, Any]]:
    """The requests for all pictures of a film of two shots."""
    before = len(sandbox.sold("kie"))
    service.wait_until(service.create(message, user, **more)["taskId"],
                       lambda status: status["shots"] and len(sandbox.sold("kie")) - before >= len(status["shots"]))
    return [line["request"] for line in sandbox.sold("kie")[before:]]


def refused(service: Service, user: str, *files: dict[str, str]) -> tuple[int, dict[str, Any]]:
    answer = requests.post(f"{service.url}/api/orchestrator/create-video",
                           json={"userId": user, "message": PLAIN, "referenceFiles": list(files)}, timeout=30)
    return answer.status_code, dict(answer.json())


@pytest.mark.parametrize(("use", "kind", "speed"), [
    ("style", "mj_style_reference", "fast"), ("subject", "mj_omni_reference", None)])
def test_every_picture_of_the_film_goes_by_the_one_that_the_request_names(
    shared: Service, sandbox: Sandbox, use: str, kind: str, speed: str | None,
) -> None:
    content = png(320, 320)
    file = upload(shared, f"rita-{use}", "red shoe.png", content)
    orders = ordered(shared, sandbox, PLAIN, f"rita-{use}", referenceFiles=[{"fileId": file["fileId"], "as": use}])
    assert {(order["taskType"], order.get("speed")) for order in orders} == {(kind, speed)}
    for order in orders:
        (address,) = order["fileUrls"]
        assert address.startswith(f"{shared.url}/media/")
        assert requests.get(address, timeout=10).content == content


def test_where_nobody_reaches_us_the_picture_is_lent_to_its_maker(
    start_service: Callable[..., Service], sandbox: Sandbox,
) -> None:
    no_pictures(sandbox)
    service = start_service(callbacks=False)
    content = png(320, 320)
    file = upload(service, "sara", "look.png", content)
    for order in ordered(service, sandbox, PLAIN, "sara", referenceFiles=[{"fileId": file["fileId"]}]):
        (address,) = order["fileUrls"]
        assert address.startswith(f"{sandbox.url}/kie/lent/")
        assert requests.get(address, timeout=10).content == content


@pytest.mark.parametrize(("message", "use"), [
    ("A film about our red shoe, 10 seconds, show the one in the photo I uploaded", "subject"),
    ("Un film sulla nostra scarpa, 10 secondi, con lo stile della foto che ho caricato", "style"),
])
def test_a_picture_can_be_named_in_the_message(shared: Service, sandbox: Sandbox, message: str, use: str) -> None:
    file = upload(shared, f"tina-{use}", "red shoe scarpa rossa.png", png(320, 320))
    before = len(sandbox.sold("kie"))
    status = shared.wait_until(shared.create(message, f"tina-{use}")["taskId"],
                               lambda it: it["shots"] and len(sandbox.sold("kie")) > before)
    assert status["brief"]["referenceFiles"] == [{"fileId": file["fileId"], "as": use}]


def test_a_picture_deleted_before_it_was_needed_is_gone_without_and_it_is_said(shared: Service, sandbox: Sandbox) -> None:
    sandbox.fault({"provider": "anthropic", "operation": "messages", "fault": "slow", "seconds": 3, "times": 1})
    file = upload(shared, "ugo", "look.png", png(320, 320))
    task = shared.create(PLAIN, "ugo", referenceFiles=[{"fileId": file["fileId"]}])["taskId"]
    answer = requests.delete(f"{shared.url}/api/orchestrator/files/{file['fileId']}?userId=ugo", timeout=30)
    assert answer.status_code == 200
    status = shared.wait_until(task, lambda it: it["shots"] and len(sandbox.sold("kie")) >= len(it["shots"]))
    assert {line["request"]["taskType"] for line in sandbox.sold("kie")} == {"mj_txt2img"}
    assert [item["what"] for item in status["degraded"]] == ["1 reference picture(s) could not be gone by"]


def test_what_cannot_be_gone_by_is_refused_before_anything_is_asked_for(shared: Service) -> None:
    mine = upload(shared, "vera", "look.png", png(320, 320))["fileId"]
    other = upload(shared, "vera", "other.png", png(321, 320))["fileId"]
    theirs = upload(shared, "walter", "look.png", png(320, 320))["fileId"]
    text = upload(shared, "vera", "launch.md", BRIEF.encode())["fileId"]
    status, body = refused(shared, "vera", {"fileId": theirs})
    assert (status, theirs in body["detail"]) == (404, True)
    status, body = refused(shared, "vera", {"fileId": mine}, {"fileId": text})
    assert (status, body["errors"][0]["pointer"]) == (422, "/referenceFiles/1/fileId")
    for wrong in ([{"fileId": mine, "as": "mood"}], [{"fileId": mine}, {"fileId": mine}], [{}],
                  [{"fileId": mine, "as": "subject"}, {"fileId": other, "as": "subject"}],
                  [{"fileId": mine, "as": "style"}, {"fileId": other, "as": "subject"}], [{"fileId": mine}] * 5):
        assert refused(shared, "vera", *wrong)[0] == 422, wrong


def test_a_refine_goes_by_the_same_picture_until_it_asks_for_another_look(shared: Service, sandbox: Sandbox) -> None:
    sandbox.reset()  # this film is made
    file = upload(shared, "xenia", "look.png", png(320, 320))["fileId"]
    film = shared.wait(shared.create("Voglio un video di 10 secondi sul pane", "xenia",
                                     referenceFiles=[{"fileId": file, "as": "style"}])["taskId"])
    assert film["status"] == "completed"
    for aspect, feedback, kind in (("visuals", "inquadratura 1: più vicino", "mj_style_reference"),
                                   ("style", "in bianco e nero, noir", "mj_txt2img")):
        before = len(sandbox.sold("kie"))
        made = shared.wait(shared.refine(film["projectId"], aspect, feedback, "xenia")["taskId"])
        assert made["status"] == "completed", made["error"]
        orders = [line["request"] for line in sandbox.sold("kie")[before:]]
        assert {order["taskType"] for order in orders} == {kind}, (aspect, orders)
        assert len(orders) == (1 if aspect == "visuals" else 2)
    assert shared.status(made["taskId"])["brief"]["referenceFiles"] == []

"""Erasures beside everything else that writes to memory: nobody waits for each other in a circle."""

from __future__ import annotations

import random
import threading
from collections import Counter

import pytest
from flask.testing import FlaskClient

from aida_orchestrator.memory.campaigns import read_campaigns
from tests.builders import TENANT
from tests.integration.films import API, Compass, House

USER = {"userId": "u1"}


def one_request(house: House, client: FlaskClient, chance: random.Random, films: list[str]) -> int:
    """Something that a user may do at any moment; its status."""
    project, name = chance.choice(films), f"campaign {chance.randrange(4)}"
    listed = client.get(f"{API}/campaigns?userId=u1").get_json()["campaigns"]
    campaign = chance.choice(listed)["campaignId"] if listed else "camp_none"
    doing = chance.choice([0, 0, 0, 1, 1, 1, *range(2, 9)])  # mostly erasures: they take the most rows
    if doing == 0:
        return client.delete(f"{API}/users/u1/memory").status_code
    if doing == 1:
        return client.delete(f"{API}/projects/{project}/memory?userId=u1").status_code
    if doing == 2:
        return client.post(f"{API}/campaigns", json={**USER, "name": name}).status_code
    if doing == 3:
        read_campaigns(house.database, Compass(), TENANT, "u1")
        return 200
    if doing == 4:
        return client.post(f"{API}/projects/{project}/feedback", json={**USER, "rating": chance.randint(1, 5)}).status_code
    if doing == 5:
        return client.put(f"{API}/users/u1/preferences/duration", json={"value": 15}).status_code
    if doing == 6:
        return client.delete(f"{API}/users/u1/preferences/duration").status_code
    if doing == 7:
        return client.patch(f"{API}/campaigns/{campaign}", json={**USER, "guidelines": str(chance.random())}).status_code
    asked = client.post(f"{API}/create-video", json={**USER, "message": "x", "projectId": project, "campaignId": campaign})
    if asked.status_code == 202:
        client.post(f"{API}/cancel/{asked.get_json()['taskId']}", json={})
    return asked.status_code


@pytest.mark.slow
def test_nothing_fails_while_memory_is_erased_again_and_again(house: House) -> None:
    films = [house.film().project_id for _ in range(4)]
    app, statuses, broken = house.client.application, Counter[int](), list[str]()

    def go(seed: int) -> None:
        chance, client = random.Random(seed), app.test_client()
        try:
            for _ in range(120):
                statuses[one_request(house, client, chance, films)] += 1
        except Exception as error:
            broken.append(repr(error))

    threads = [threading.Thread(target=go, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert broken == []
    assert set(statuses) <= {200, 201, 202, 404, 409}, statuses
    assert {200, 201, 202, 404, 409} <= set(statuses), statuses

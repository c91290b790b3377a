"""A campaign is found by its name as people write it, by its name in a message, and by meaning."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aida_orchestrator.memory.campaigns import (
    campaign_context,
    find_campaign,
    join_campaign,
    named_in,
    read_campaigns,
)
from aida_orchestrator.model import Campaign
from tests.builders import TENANT, find_task
from tests.integration.films import Compass, House


def name_of(campaign: Campaign | None) -> str | None:
    return campaign.name if campaign else None


def by_name(house: House, name: str, user: str = "u1") -> str | None:
    """What is found without asking for meaning."""
    return name_of(find_campaign(house.database, None, TENANT, user, name, 0.7))


@pytest.fixture
def campaigns(house: House) -> House:
    """Five open ones, one archived, one of a stranger."""
    for name in ("Food", "Food Q1", "Caffè d'Estate", "Campagna Natale", "50% sconto_tutto"):
        house.clock.advance(60)
        house.campaign(name)
    old = house.campaign("Winter Sale")["campaignId"]
    house.ask("POST", f"campaigns/{old}/archive", {"userId": "u1"})
    house.campaign("Secret Garden", "u2")
    return house


@pytest.mark.parametrize(("said", "found"), [
    ("Food Q1", "Food Q1"), ("FOOD q1", "Food Q1"), ("the food-q1 campaign", "Food Q1"), ("la campagna Food Q1", "Food Q1"),
    ("food", "Food"), ("caffe d estate", "Caffè d'Estate"), ("CAFFÈ D'ESTATE!", "Caffè d'Estate"),
    ("natale", "Campagna Natale"), ("Natale campaign", "Campagna Natale"), ("50% sconto_tutto", "50% sconto_tutto"),
    ("our Food Q1 work of the spring", "Food Q1"), ("Winter Sale", None), ("Secret Garden", None), ("foods", None),
    ("campaign", None), ("%", None), ("", None), (" \0 ", None), ("_", None)])
def test_a_name_is_understood_as_people_write_it(campaigns: House, said: str, found: str | None) -> None:
    assert by_name(campaigns, said) == found


def test_another_users_campaign_of_the_same_name_is_never_found(campaigns: House) -> None:
    assert by_name(campaigns, "Secret Garden", "u2") == "Secret Garden"
    assert by_name(campaigns, "Food", "u2") is None
    with campaigns.database.transaction() as tx:
        assert campaign_context(tx, "other", "u1", campaigns.campaign("Mine")["campaignId"]) is None


@pytest.mark.parametrize(("message", "found"), [
    ("Add to Food Q1 campaign", "Food Q1"), ("aggiungi alla campagna Food Q1", "Food Q1"), ("un video food", None),
    ("un video food per la campagna food", "Food"), ("the Food campaign, please", "Food"),
    ("Aggiungilo a FOOD Q1, grazie", "Food Q1"), ("un film per il caffè d’estate", "Caffè d'Estate"),
    ("uno spot per natale", None), ("uno spot per la Campagna Natale", "Campagna Natale"),
    ("seafood market", None), ("Foody", None), ("a new campaign", None),
    ("come la Winter Sale", None), ("Secret Garden", None), ("", None)])
def test_the_campaign_whose_name_stands_in_a_message_is_meant(campaigns: House, message: str, found: str | None) -> None:
    assert name_of(named_in(campaigns.database, TENANT, "u1", message)) == found


def test_a_name_of_two_letters_or_of_signs_is_not_looked_for_in_messages(house: House) -> None:
    for name in ("Ad", "%%%", "Campaign", "Campagna X"):
        house.campaign(name)
    assert named_in(house.database, TENANT, "u1", "an ad %%% for a campaign, x") is None
    assert by_name(house, "ad") == "Ad"
    assert by_name(house, "%%%") == "%%%"
    assert by_name(house, "CAMPAIGN") == "Campaign"


def test_meaning_finds_the_nearest_above_the_floor_and_reads_what_waits_once(house: House) -> None:
    compass, spent = Compass(), []
    for name, guidelines in (("Bread", "points to 10"), ("Cheese", "points to 40"), ("Gone", "points to 20")):
        house.campaign(name, guidelines=guidelines)
    house.campaign("Not mine", "u2", guidelines="points to 22")
    gone = next(one for one in house.ask("GET", "campaigns?userId=u1")["campaigns"] if one["name"] == "Gone")

    def found(words: str) -> str | None:
        return name_of(find_campaign(house.database, compass, TENANT, "u1", words, 0.9, spent.append))

    assert found("something like 21") == "Gone"
    assert len(compass.texts) == 4
    house.ask("POST", f"campaigns/{gone['campaignId']}/archive", {"userId": "u1"})
    assert found("something like 22") == "Bread"
    assert found("something like 100") is None
    assert found("cheese") == "Cheese"  # by name: nothing is asked
    assert len(compass.texts) == 6
    assert [usage.units["input_tokens"] for usage in spent] == [1, 3, 1, 1]


def test_a_campaign_that_was_changed_or_that_another_embedder_reads_is_read_again(house: House) -> None:
    old, new = Compass("old"), Compass("new")
    made = house.campaign("Bread", guidelines="points to 10")
    assert read_campaigns(house.database, old, TENANT, "u1") == 1
    assert read_campaigns(house.database, old, TENANT, "u1") == 0
    assert read_campaigns(house.database, new, TENANT, "u1") == 1
    house.clock.advance(60)
    house.ask("PATCH", f"campaigns/{made['campaignId']}", {"userId": "u1", "guidelines": "points to 90"})
    assert find_campaign(house.database, old, TENANT, "u1", "like 12", 0.9) is None
    assert name_of(find_campaign(house.database, old, TENANT, "u1", "like 88", 0.9)) == "Bread"
    assert house.count("memory_vectors", kind="campaign") == 2


def test_more_campaigns_than_one_call_takes_are_all_read(house: House) -> None:
    for number in range(70):
        house.campaign(f"Number {number}", guidelines="points to 10" if number else "points to 90")
    assert find_campaign(house.database, Compass(), TENANT, "u1", "like 9", 0.9) is not None
    assert house.count("memory_vectors", kind="campaign") == 70


def test_a_film_joins_the_campaign_its_message_named(house: House) -> None:
    campaign = house.campaign("Food Q1")["campaignId"]
    task = house.create("Bread, add to Food Q1 campaign")
    stranger = house.create("Bread", "u2")
    with house.database.transaction() as tx:
        assert join_campaign(tx, task, campaign, house.clock())
        assert join_campaign(tx, task, campaign, house.clock())
        assert not join_campaign(tx, stranger, campaign, house.clock())
        assert not join_campaign(tx, replace(task, tenant_id="other"), campaign, house.clock())
    assert find_task(house.database, task.id).campaign_id == campaign
    assert house.count("project_campaigns") == 1
    house.ask("POST", f"campaigns/{campaign}/archive", {"userId": "u1"})
    with house.database.transaction() as tx:
        assert not join_campaign(tx, task, campaign, house.clock())

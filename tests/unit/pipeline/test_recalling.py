"""What of a campaign is handed to the agents."""

from __future__ import annotations

from aida_orchestrator.model import CampaignContext, CampaignSettings
from aida_orchestrator.pipeline.recalling import campaign_json


def test_guidelines_are_handed_over_as_long_as_the_api_takes_them() -> None:
    guidelines = "Hands in view, never a face. " * 344 + "Never say cheap."
    assert 9_900 < len(guidelines) <= 10_000
    campaign = CampaignContext(campaign_id="camp_1", name="Food", guidelines=guidelines, settings=CampaignSettings(),
                               projects=(), most_used_style=None, mean_duration=None)
    assert campaign_json(campaign)["guidelines"] == guidelines

"""Every campaign in short: a sample of its plan, the same promises. In full: `make campaign`."""

import pytest

from benchmarks.campaigns import CAMPAIGNS
from benchmarks.campaigns.campaign import Campaign, Watch


@pytest.mark.parametrize("campaign", CAMPAIGNS.values(), ids=CAMPAIGNS)
def test_a_sample_of_the_campaign_breaks_no_promise(campaign: Campaign) -> None:
    """What it promises of all it promises of some; times are for a calm machine."""
    result = campaign.run(Watch(scale=campaign.short, seed=1, quiet=True))

    assert () == result.broken[:3]
    assert [] == [figure for figure in result.figures if not (figure.kept or figure.timed)]
    assert result.n > 0

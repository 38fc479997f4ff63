"""The look holds for eyes that see less: contrast in light and dark, hues that stay apart, one set of colours."""

import tomllib
from pathlib import Path

import numpy as np
import pytest

from dashboard import theme

SETTINGS = tomllib.loads((Path(__file__).parents[2] / ".streamlit" / "config.toml").read_text())
SURFACES = {"light": theme.LIGHT, "dark": theme.DARK}

# Machado, Oliveira & Fernandes 2009, severity 1.0, applied to linear RGB.
COLOUR_BLINDNESS = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    channels = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG 2.2 contrast ratio."""
    lighter, darker = sorted((linear(c) @ [0.2126, 0.7152, 0.0722] for c in (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def lab(rgb):
    """CIE L*a*b* of a linear RGB colour, D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0, 1)
    x, y, z = np.cbrt(xyz / [0.95047, 1.0, 1.08883])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_text_can_be_read_on_every_ground(surface):
    for ground in (surface.background, surface.panel):
        for ink in (surface.text, surface.muted, surface.link):
            assert contrast(ink, ground) >= 4.5
    assert contrast("#FFFFFF", surface.accent) >= 4.5


@pytest.mark.parametrize("name", SURFACES)
def test_a_chosen_word_can_be_read_on_its_tint_of_the_accent(name):
    surface = SURFACES[name]
    ground, accent = (
        [int(colour[at : at + 2], 16) for at in (1, 3, 5)] for colour in (surface.background, surface.accent)
    )
    tint = "#" + "".join(f"{round(0.9 * below + 0.1 * above):02x}" for below, above in zip(ground, accent, strict=True))
    assert contrast(surface.link, tint) >= 4.5
    assert surface.link in theme.PAGE_CSS


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_marks_stand_out_from_both_backgrounds_because_they_do_not_change_with_the_theme(surface):
    for colour in theme.SERIES:
        assert contrast(colour, surface.background) >= 3


@pytest.mark.parametrize("matrix", COLOUR_BLINDNESS.values(), ids=COLOUR_BLINDNESS)
def test_grey_blue_and_orange_stay_apart_for_the_colour_blind(matrix):
    seen = [lab(np.array(matrix) @ linear(colour)) for colour in theme.SERIES]
    for at, one in enumerate(seen):
        for other in seen[at + 1 :]:
            assert np.linalg.norm(one - other) > 15  # a just noticeable difference is about 2.3


@pytest.mark.parametrize("name", SURFACES)
def test_streamlit_is_told_the_same_colours(name):
    told, surface = SETTINGS["theme"][name], SURFACES[name]
    assert told["backgroundColor"] == surface.background
    assert told["secondaryBackgroundColor"] == surface.panel
    assert told["textColor"] == surface.text
    assert told["grayTextColor"] == surface.muted
    assert told["borderColor"] == surface.line
    assert told["primaryColor"] == surface.accent
    assert told["linkColor"] == surface.link
    assert SETTINGS["theme"]["chartCategoricalColors"] == list(theme.SERIES)


@pytest.mark.parametrize("name", SURFACES)
def test_messages_can_be_read_on_their_own_ground(name):
    told = SETTINGS["theme"][name]
    for hue in ("blue", "green", "red", "orange", "yellow", "gray"):
        assert contrast(told[f"{hue}TextColor"], told[f"{hue}BackgroundColor"]) >= 4.5


@pytest.mark.parametrize("name", SURFACES)
def test_nothing_is_red_or_green(name):
    told = SETTINGS["theme"][name]
    assert told["greenTextColor"] == told["blueTextColor"]
    assert told["redTextColor"] == told["orangeTextColor"]


def test_nothing_is_fetched_from_outside():
    assert "://" not in str(SETTINGS["theme"])
    assert SETTINGS["browser"]["gatherUsageStats"] is False


def test_only_this_machine_is_served():
    assert SETTINGS["server"]["address"] == "127.0.0.1"


def test_the_palest_area_on_the_face_is_still_told_from_an_untreated_one():
    assert theme.COLOR_SCALE == [[0, "rgba(59,127,191,0.15)"], [1, "rgba(59,127,191,1.00)"]]

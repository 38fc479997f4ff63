"""The look, in one place: colors, sizes and the template of every chart. `.streamlit/config.toml` repeats the surfaces
for Streamlit's own elements; a test holds the two together.

Marks have one color for light and dark alike, with at least 3:1 against both backgrounds, because Streamlit recolors
a chart's text the moment somebody changes the theme but leaves its marks until the next run. Grey, blue and orange stay
apart for every common kind of color blindness, and whatever a color says a shape says too.
"""

from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True)
class Surface:
    """What lies behind the marks. Text reaches 4.5:1 on both grounds (WCAG 2.2, 1.4.3)."""

    background: str
    panel: str
    text: str
    muted: str
    line: str
    accent: str  # buttons: white text on it reaches 4.5:1
    link: str


LIGHT = Surface("#FFFFFF", "#F4F6F8", "#0E161E", "#55606B", "#DDE2E7", "#2A6DAE", "#2A6DAE")
DARK = Surface("#11161C", "#1A2129", "#E7ECF0", "#A6B0BA", "#2E3842", "#3878B8", "#7DB6EA")

BLUE = "#3B7FBF"  # the accent: what is counted; in a trend, better than usual
ORANGE = "#CC6B10"  # flagged: look at the cases
GREY = "#75818D"  # everything beside the point: others, maturing, unchanged
SERIES = (BLUE, ORANGE, GREY)  # at most three curves share a chart; more become small multiples
DASHES = ("solid", "dash", "dot")  # beside the colors of SERIES

# Streamlit serves this family itself, so every clinic PC shows the same widths; the rest are for a printed page.
FONT = "Source Sans, Source Sans 3, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif"
TEXT = 13  # px: row labels
SMALL = 12  # px: ticks, numbers, notes
MARK = 9  # px: a dot
LINE = 2  # px

LEVEL = "level"  # begins the key of a container whose heading stands level with what is beside it
DESK, TELEPHONE = "on_a_desk", "on_a_telephone"  # begin the key of a container that is shown on one of them alone
TELEPHONE_WIDE = 640  # px: where Streamlit too puts columns below each other

# What the settings of Streamlit cannot say. Its own grey for chart text stays under 4.5:1 on white; the text colour of
# the page is right on either ground and changes with it at once. The word of a chosen segment or tab has the accent's
# colour, which is under 4.5:1 in dark: a link's is not. A formula wider than a telephone breaks into lines: a box that
# scrolls is out of reach of a keyboard. A link that has the keyboard's focus is framed: Streamlit only tints it.
# The numbers of a chart need room for their columns: Streamlit opens a box as wide as its button.
# On a desk the tables need the room that Streamlit leaves empty beside them, and a sentence in one may fill its column.
# A heading that stands beside a text begins where the text does: Streamlit keeps it as far off as from a text above.
PAGE_CSS = f"""<style>
.js-plotly-plot .main-svg text {{ fill: currentColor !important; }}
:is([data-testid="stButtonGroup"] [data-selected="true"], [role="tab"][aria-selected="true"]) p {{
    color: light-dark({LIGHT.link}, {DARK.link}) !important;
}}
[data-testid="stMarkdownPre"] code {{ white-space: pre-wrap !important; }}
a:focus-visible {{ outline: 2px solid currentColor !important; outline-offset: 2px !important; }}
[data-testid="stPopoverBody"]:has([data-testid="stDataFrame"]) {{
    width: min(52rem, 94vw) !important; max-width: none !important;
}}
[class*="st-key-{LEVEL}"] :is(h2, h3) {{ padding: 0 !important; }}
@media (max-width: {TELEPHONE_WIDE}px) {{ [class*="st-key-{DESK}"] {{ display: none !important; }} }}
@media (min-width: {TELEPHONE_WIDE + 1}px) {{
    [class*="st-key-{TELEPHONE}"] {{ display: none !important; }}
    [data-testid="stMainBlockContainer"] {{ padding-left: 3rem !important; padding-right: 3rem !important; }}
    [data-testid="stTable"] [data-testid="stMarkdownContainer"] {{ max-width: 40rem !important; }}
}}
</style>"""

# On paper: what is counted and what was found, without the controls. A chart keeps the width that it has on the screen,
# because Streamlit does not draw it again for paper: landscape at six tenths has room for a screen of 1,920 pixels,
# beside the menu, on Letter and on A4.
PAGE_CSS = f"""{PAGE_CSS}<style>
@page {{ size: landscape; margin: 10mm; }}
@media print {{
    :is([data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stPopover"], [data-testid="stPageLink"],
        [data-testid="stSelectbox"], [data-testid="stMultiSelect"], [data-testid="stRadio"], [data-testid="stButton"],
        [data-testid="stDownloadButton"], [data-testid="stDateInput"], [data-testid="stToolbar"], .modebar) {{
        display: none !important;
    }}
    [data-testid="stMainBlockContainer"] {{ zoom: 0.6; padding: 0 !important; max-width: none !important; }}
    :is([data-testid="stPlotlyChart"], [data-testid="stDataFrame"], [data-testid="stMetric"]) {{ break-inside: avoid; }}
    :is(h1, h2, h3) {{ break-after: avoid; }}
}}
</style>"""

# The tools over a chart: the picture to download, and nothing that only a plotting expert would miss.
CHART_CONFIG = {
    "displaylogo": False,
    "modeBarButtons": [["toImage"]],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "sequela"},
}


def fade_color(color: str, strength: float) -> str:
    """`color` let through to the ground below it, so that it is faint on light and on dark. `strength` 0-1."""
    red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength:.2f})"


# One hue from least to most; the least is still told from an untreated area.
COLOR_SCALE = [[0, fade_color(BLUE, 0.15)], [1, fade_color(BLUE, 1)]]
GRID = fade_color(GREY, 0.25)
BAND = fade_color(GREY, 0.18)

AXIS = {
    "gridcolor": GRID,
    "linecolor": GREY,
    "tickcolor": GREY,
    "zeroline": False,
    "separatethousands": True,
    "tickfont": {"size": SMALL, "color": LIGHT.muted},
    "title": {"font": {"size": SMALL, "color": LIGHT.muted}},
}
# The grounds are transparent. In the app Streamlit puts its own text colors over these; an exported page keeps them.
CHART_TEMPLATE = go.layout.Template(
    layout={
        "font": {"family": FONT, "size": TEXT, "color": LIGHT.text},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": SERIES,
        "hoverlabel": {"bgcolor": LIGHT.panel, "bordercolor": GREY, "font": {"color": LIGHT.text}},
        "xaxis": AXIS,
        "yaxis": AXIS,
        "annotationdefaults": {"arrowcolor": GREY},
    },
    # A click opens what is behind a mark: the others stay as they are, also for who comes back.
    data={kind: [{"unselected": {"marker": {"opacity": 1}}}] for kind in ("scatter", "bar")},
)

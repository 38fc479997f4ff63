"""A face and a body from the front, drawn for this project: SVG paths on 0-100 from the top left.

Each half is drawn once, on the right of the picture, and mirrored. models/codelists/areas.csv places the areas; the
features match those places (eyes at y 42, mouth at 65, chin at 86).
"""

import re


def mirror(half: str) -> str:
    """The same path on the other side of x = 50."""
    return re.sub(r"(-?[\d.]+),(-?[\d.]+)", lambda at: f"{100 - float(at[1]):g},{at[2]}", half)


def _closed_path(half: str) -> str:
    """A path that starts and ends at x = 50, closed by its mirror image drawn backwards."""
    points = re.findall(r"(-?[\d.]+,-?[\d.]+)", half)
    back = [mirror(point) for point in reversed(points)]
    curves = " ".join(f"C{' '.join(back[at : at + 3])}" for at in range(1, len(back), 3))
    return f"{half} {curves} Z"


def _with_mirror_images(*halves: str) -> list[str]:
    return [path for half in halves for path in (half, mirror(half))]


FACE = [
    # head, from the crown round the temple and the angle of the jaw to the chin
    _closed_path("M50,1 C66,1 79.5,9 81,30 C81.8,40 82.4,48 82,54 C81.6,61 80.4,66 77.5,71 C73,78.5 61,86 50,86.5"),
    # hairline
    "M19.3,33 C19.5,25 25,15 37,13.4 C45,12.4 55,12.4 63,13.4 C75,15 80.5,25 80.7,33",
    # nose
    "M46.6,41 C46.2,48 44.8,52.5 43.4,55.4 C42.2,58 44,59.8 46.4,59 C48,60.8 52,60.8 53.6,59 "
    "C56,59.8 57.8,58 56.6,55.4 C55.2,52.5 53.8,48 53.4,41",
    # lips
    "M40,66 C44,63.8 47.6,62.4 50,63.8 C52.4,62.4 56,63.8 60,66 C55,67 45,67 40,66 C44,70.4 56,70.4 60,66",
    # chin
    "M46,74.6 C48,73.6 52,73.6 54,74.6",
    *_with_mirror_images(
        # brow, eye, iris, ear, neck and shoulder
        "M57,35.4 C62,31.6 69.5,31 74.5,35",
        "M58.4,42.4 C62,38.4 69,38.2 73,42 C69,45.8 62,45.8 58.4,42.4 Z",
        "M68,42 C68,45.2 63.2,45.2 63.2,42 C63.2,38.8 68,38.8 68,42 Z",
        "M82.2,45 C85.4,41 89,43.4 88.2,49.2 C87.5,54.4 85,59.6 81.8,58",
        "M71.5,79.4 C71,86 71.4,91 75.5,93.4 C82.5,96.6 92,97.4 99,100",
    ),
]

BODY = [
    # from the neck over shoulder, arm and hand, armpit, flank, leg and foot to the crotch
    _closed_path(
        "M50,16.4 C51,16.4 52,16.4 53,16.2 C56,18.4 61,18.6 64.4,20 C68,21.4 69.6,25 71,29 "
        "C73.4,34.6 76.6,38.6 78.6,43 C80.6,47.4 82.4,50.4 84,53 C86.6,55 88,57.4 87.2,60 "
        "C86.2,61.8 84,60.8 82.8,58.6 C81.8,56.8 81,55.4 80.2,54 "
        "C77.4,49.6 74.4,45 72,40.6 C69.8,36.8 67.4,33 65.4,29 C64.8,35 62.6,39 62,43 C61.8,47 64,51 64.6,55 "
        "C65,62 63.8,68 62.2,74 C64.2,79 64,84 61.6,89 C60.8,92 60.8,94 62,96.4 C62.6,98.8 59,99.2 56.4,98.6 "
        "C55.4,98 55.8,95.6 56,93 C55.2,88 54.6,83 55,77 C54,70 52,62 50,58"
    ),
    # head
    "M50,1.4 C58.4,1.4 57.6,15.4 50,15.6 C42.4,15.4 41.6,1.4 50,1.4 Z",
    *_with_mirror_images("M51.6,21.4 C55,20.4 59,20.4 62,21.4"),
]

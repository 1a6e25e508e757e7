"""The README's pictures made small: `python -m tests.e2e.pictures FROM TO`; and one moving picture of all."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image

COLOURS: Final = 96
WIDTH: Final = 880
FRAME_FOR: Final = 2500
"""Milliseconds."""


def main(origin: Path, target: Path) -> None:
    """Write each picture with few colours, and `tour.gif`."""
    pictures = [(file.name, Image.open(file).convert("RGB")) for file in sorted(origin.glob("*.png"))]
    if not pictures:
        raise SystemExit(f"There are no pictures in {origin}: take them with `make pictures`.")
    target.mkdir(parents=True, exist_ok=True)
    for name, picture in pictures:
        _few_colours(picture).save(target / name, optimize=True)
    frames = _frames([picture for _, picture in pictures])
    frames[0].save(
        target / "tour.gif",
        save_all=True,
        append_images=frames[1:],
        duration=FRAME_FOR,
        loop=0,
        optimize=True,
    )


def _few_colours(picture: Image.Image) -> Image.Image:
    return picture.quantize(COLOURS, dither=Image.Dither.NONE)


def _frames(pictures: Sequence[Image.Image]) -> list[Image.Image]:
    size = (WIDTH, WIDTH * pictures[0].height // pictures[0].width)
    return [_few_colours(picture.resize(size, Image.Resampling.LANCZOS)) for picture in pictures]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

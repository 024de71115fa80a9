"""Makes the demo's input: a crawl, contributed photographs, labelled messages and a recipe.

Everything is made from the texts in `stock/`, byte for byte the same on every machine with the
same Pillow. People, addresses and numbers in it belong to nobody. No figure from it says
anything about quality: it only shows that the house stands.

    python -m curation.demo.make FOLDER
"""

from __future__ import annotations

import sys
from importlib.resources import files
from pathlib import Path

from curation.demo._messages import write_messages
from curation.demo._photos import write_photos
from curation.demo._web import write_crawl

MESSAGES = 4000
CLASSES = ("berth", "weather", "cargo", "lost")


def make(folder: Path, seed: int = 0, messages: int = MESSAGES) -> None:
    """Write `crawl/`, `photos/`, `messages.jsonl` and `recipe.toml` into a folder."""
    (folder / "crawl").mkdir(parents=True, exist_ok=True)
    write_crawl(folder / "crawl" / "harbour.warc.gz", seed)
    write_photos(folder / "photos", seed)
    write_messages(folder / "messages.jsonl", seed, messages)
    recipe = files("curation.demo").joinpath("stock", "recipe.toml").read_text("utf-8")
    (folder / "recipe.toml").write_text(recipe, "utf-8")


if __name__ == "__main__":
    make(Path(sys.argv[1]))

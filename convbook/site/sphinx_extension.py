"""What the site needs beyond Jupyter Book: links into the repository, alternative text, outputs as they were printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from myst_nb.core import render
from myst_nb.core.render import MimeData, MimeRenderPlugin, NbElementRenderer

from convbook.course.settings import read_repository

PARTS = tuple(f"convbook.site.{name}" for name in ("formulas", "explorer", "live.site", "theme", "search"))


class AltTextImage(MimeRenderPlugin):
    """Gives a picture the alternative text that `convbook.figures.show` stored with it."""

    @staticmethod
    def handle_mime(renderer: NbElementRenderer, data: MimeData, inline: bool) -> list | None:
        """The image with its `alt`; None leaves every other output to the usual renderer."""
        alt = data.output_metadata.get("image/png", {}).get("alt")
        if data.mime_type != "image/png" or inline or not alt:
            return None
        images = renderer.render_image(data)
        for image in images:
            image["alt"] = alt
        return images


def add_address_and_assets(app: Any, config: Any) -> None:
    """Lets pages link with `repo:PATH` and `colab:PATH`, and serves the vendored files."""
    repository = read_repository()
    config.myst_url_schemes = {
        "http": None,
        "https": None,
        "mailto": None,
        "repo": f"{repository.url}/blob/{repository.branch}/{{{{path}}}}",
        "colab": f"https://colab.research.google.com/github/{repository.slug}/blob/{repository.branch}/{{{{path}}}}",
    }
    config.html_static_path.append(str(Path(__file__).with_name("vendor")))


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs of a cell with each stream as one text, exactly as it was printed.

    A kernel sends a line that grows, as a progress bar, in pieces, and MyST-NB would put each piece on a line of its own.
    """
    kept, streams = [], {}
    for output in outputs:
        name = output.get("name") if output["output_type"] == "stream" else None
        if name in streams:
            streams[name]["text"] += output["text"]
        else:
            kept.append(output)
            streams |= {name: output} if name else {}
    return kept


def setup(app: Any) -> dict[str, Any]:
    """Called by Sphinx: what stands here, and the parts of the book that have a module of their own."""
    for part in PARTS:
        app.setup_extension(part)
    merge = render.coalesce_streams
    render.coalesce_streams = lambda outputs: merge(joined(outputs))
    app.connect("config-inited", add_address_and_assets)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

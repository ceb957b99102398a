"""`convbook publish`: the folder is whole or not there, and nobody else's."""

import pytest

from convbook.site import publish


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A site of one page; the PDF is not printed but written."""
    folder = tmp_path / "html"
    (folder / "_static").mkdir(parents=True)
    (folder / "index.html").write_text("<article>text</article>", encoding="utf-8")
    (folder / ".stamp").touch()
    monkeypatch.setattr(publish, "print_pdf", lambda target: target.write_bytes(b"%PDF-1.4"))
    return folder


def test_publish_writes_everything_into_one_folder(site, tmp_path):
    """Site, notebooks, archive and PDF are there; the front page links to them; the build's own marks are not."""
    output = tmp_path / "public"
    publish.publish(output, site)
    names = {path.name for path in output.iterdir()}
    assert names == {"index.html", "_static", "notebooks", "notebooks.zip", "convbook.pdf", ".nojekyll"}
    assert (output / "notebooks" / "chapters" / "02_convolution.ipynb").is_file()
    assert (output / "notebooks" / "assignments" / "02_convolution" / "02_convolution.ipynb").is_file()
    page = (output / "index.html").read_text(encoding="utf-8")
    assert 'href="convbook.pdf"' in page and 'href="notebooks.zip"' in page


def test_publish_replaces_what_it_published_before(site, tmp_path):
    """The second time, the new folder takes the old one's place, and nothing lies beside it."""
    output = tmp_path / "public"
    publish.publish(output, site)
    (output / "old.html").touch()
    publish.publish(output, site)
    assert not (output / "old.html").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"html", "public"}


def test_publish_that_fails_changes_nothing(site, tmp_path, monkeypatch):
    """When the PDF cannot be printed, the old folder stays as it was, and no half of a new one is left."""
    output = tmp_path / "public"
    publish.publish(output, site)
    (output / "old.html").touch()
    monkeypatch.setattr(publish, "BROWSERS", ())
    monkeypatch.setattr(publish, "print_pdf", lambda target: publish.find_browser())
    with pytest.raises(ValueError, match="apt install chromium"):
        publish.publish(output, site)
    assert (output / "old.html").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"html", "public"}


def test_publish_needs_a_site_and_touches_no_folder_of_others(site, tmp_path):
    """Without a built site, or where files of somebody else lie, it says so and writes nothing."""
    with pytest.raises(ValueError, match="make site"):
        publish.publish(tmp_path / "public", tmp_path / "nothing")
    others = tmp_path / "others"
    others.mkdir()
    (others / "thesis.txt").touch()
    with pytest.raises(ValueError, match="published before"):
        publish.publish(others, site)
    assert [path.name for path in others.iterdir()] == ["thesis.txt"]

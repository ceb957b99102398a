"""`convbook …`: each command parses, calls one function, and prints."""

from __future__ import annotations

from pathlib import Path

import click

from convbook.settings import ROOT


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Tools for authors and instructors of the course. Readers and students need none of them."""


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
def notebooks(paths: tuple[Path, ...]) -> None:
    """Run chapters (all, or those given) and store what their cells print."""
    from convbook.notebooks import chapters, execute

    for path in paths or chapters():
        click.echo(f"running {path.name} …")
        execute(path)


@main.command()
def release() -> None:
    """Make assignments/ from solutions/, the sample class from it, and address the chapters."""
    from convbook.release import address_chapters, release_assignments
    from convbook.sample_class import write_sample_class

    for path in address_chapters():
        click.echo(f"{path.name}: the repository's address was written into its first cell")
    click.echo("released: " + ", ".join(release_assignments()))
    write_sample_class(ROOT)


@main.command("sample-class")
def sample_class() -> None:
    """Grade the sample class with stock nbgrader, in _build/sample_class."""
    from convbook.sample_class import grade_sample_class

    click.echo(grade_sample_class(ROOT, ROOT / "_build" / "sample_class"))


@main.command()
def bench() -> None:
    """Measure the library against TensorFlow, and write the table of the page "How fast is it?"."""
    from convbook.benchmark import run

    click.echo(run())


if __name__ == "__main__":
    main()

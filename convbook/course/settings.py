"""The repository's address: one line of `_config.yml`, from which everything else takes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Repository:
    """Where the course is published: `url` as in https://github.com/owner/name, and its branch."""

    url: str
    branch: str

    @property
    def slug(self) -> str:
        """owner/name."""
        return self.url.removeprefix("https://github.com/")

    @property
    def site(self) -> str:
        """The address of the published book, as GitHub Pages gives it to a repository."""
        owner, name = self.slug.split("/")
        return f"https://{owner.lower()}.github.io/{name}/"


def read_repository(config: Path = ROOT / "_config.yml") -> Repository:
    """The `repository` entry of `_config.yml`."""
    import yaml

    entry = (yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("repository") or {}
    url, branch = (str(entry.get(key) or "") for key in ("url", "branch")) if isinstance(entry, dict) else ("", "")
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", url) or not branch:
        raise ValueError(
            f"{config.name} must have repository.url as https://github.com/OWNER/NAME and repository.branch. Received: {entry}"
        )
    return Repository(url, branch)

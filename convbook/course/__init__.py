"""What an author of the course does: notebooks, misconceptions, the release, the tables of `check`."""

import sys

# nbformat imports jsonschema, which builds a grammar for internationalised addresses; no notebook is checked with it, and it
# took 2.6 of the import's 2.8 CPU-seconds, in every command and every worker. What is None here counts as not installed.
sys.modules.setdefault("rfc3987_syntax", None)

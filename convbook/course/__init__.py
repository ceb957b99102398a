"""What an author of the course does: notebooks, misconceptions, the release, the tables of `check`."""

"""A table in CSV as a program wrote it: whatever is not changed comes back byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from convbook.autograder.course import CourseError
from convbook.autograder.lms.alphabets import alphabet_of
from convbook.autograder.lms.columns import find_columns
from convbook.autograder.submission import shortened

LARGEST_TABLE = 32 * 2**20  # bytes; a class of a thousand has a few hundred thousand
DELIMITERS = (",", ";", "\t")
LONGEST_HEAD, MOST_HEADS = 2**16, 10  # bytes and lines in which the titles are looked for
WESTERN = "cp1252"  # where neither a mark nor the bytes say what it is: Excel's, in the west of Europe


@dataclass
class Row:
    """A line: its cells as they stand there, quotes included, and its end."""

    cells: list[str]
    end: str


@dataclass
class Table:
    """The lines of a table, with all that is needed to write them again."""

    rows: list[Row]
    delimiter: str
    encoding: str
    mark: bytes

    @classmethod
    def read(cls, path: Path) -> Table:
        """The table in a file; CourseError where there is none."""
        try:
            raw = path.read_bytes()
            if len(raw) > LARGEST_TABLE:
                raise ValueError(f"it has {len(raw) / 2**20:.0f} MiB")
            encoding, mark = alphabet_of(raw, WESTERN)
            text = raw[len(mark) :].decode(encoding)
            delimiter = delimiter_of(text)
            table = cls(split(text, delimiter), delimiter, encoding, mark)
        except (OSError, ValueError) as error:
            raise CourseError(f"The platform's file must be a table in CSV. Received: {path}, {shortened(error)}") from None
        if "\0" in text or not any(map(str.strip, table.header)):
            raise CourseError(
                f"The platform's file must be a table in CSV, with a line of titles. Received: {path}, "
                "something else. Where it is one of Excel's own files, save it as CSV."
            )
        return table

    @cached_property
    def start(self) -> int:
        """The line with the titles: some programs write a heading, or what Excel should know, above it."""
        known = [len(find_columns([value(cell) for cell in row.cells])) for row in self.rows[:MOST_HEADS]]
        return next((place for place, count in enumerate(known) if count > 1), 0)

    @cached_property
    def header(self) -> list[str]:
        """The titles of the columns."""
        return [value(cell).strip() for cell in self.rows[self.start].cells] if self.rows else []

    @property
    def body(self) -> list[Row]:
        """The lines below the titles."""
        return self.rows[self.start + 1 :]

    def get(self, row: Row, column: int | None) -> str:
        """What a cell says; nothing where the line has no such cell."""
        return value(row.cells[column]).strip() if column is not None and column < len(row.cells) else ""

    def put(self, row: Row, column: int, text: str) -> None:
        """Writes into a cell, with quotes where there were some, or where it needs them."""
        row.cells += [""] * (column + 1 - len(row.cells))
        needed = any(sign in text for sign in (self.delimiter, '"', "\r", "\n"))
        quoted = needed or row.cells[column].lstrip().startswith('"')
        row.cells[column] = '"' + text.replace('"', '""') + '"' if quoted else text

    def to_bytes(self) -> bytes:
        """The file."""
        return self.mark + "".join(self.delimiter.join(row.cells) + row.end for row in self.rows).encode(self.encoding)

    @cached_property
    def decimal(self) -> str:
        """The sign before decimals, as this table's own numbers have it."""
        cells = [value(cell).strip() for row in self.body for cell in row.cells]
        commas = sum(re.fullmatch(r"\d+,\d+", cell) is not None for cell in cells)
        points = sum(re.fullmatch(r"\d+\.\d+", cell) is not None for cell in cells)
        return "," if commas > points else "."


def value(cell: str) -> str:
    """What a cell says, without its quotes."""
    text = cell.strip(" ")
    return text[1:-1].replace('""', '"') if len(text) > 1 and text[0] == text[-1] == '"' else cell


def delimiter_of(text: str) -> str:
    """What stands between the cells: the sign that makes most known titles in one of the first lines, or most cells."""
    lines = [line + "\n" for line in text[:LONGEST_HEAD].splitlines()[:MOST_HEADS]]
    cells = {sign: [[value(cell) for cell in split(line, sign)[0].cells] for line in lines] for sign in DELIMITERS}
    return max(DELIMITERS, key=lambda sign: max(((len(find_columns(one)), len(one)) for one in cells[sign]), default=(0, 0)))


def split(text: str, delimiter: str) -> list[Row]:
    """The lines of a table. A cell in quotes may hold ends of lines."""
    sign = re.escape(delimiter)
    pattern = re.compile(rf'( *"[^"]*(?:""[^"]*)*"[^{sign}\r\n]*|[^{sign}\r\n]*)({sign}|\r\n|\n|\r|\Z)')
    rows: list[Row] = []
    cells: list[str] = []
    place = 0
    while place < len(text) or cells:
        match = pattern.match(text, place)
        cells.append(match[1])
        place = match.end()
        if match[2] != delimiter:
            rows.append(Row(cells, match[2]))
            cells = []
            if not match[2]:
                break
    return rows


def number(text: str) -> float | None:
    """A number of a table, with either sign before its decimals; nothing for another text."""
    return float(text.replace(",", ".")) if re.fullmatch(r"\d+(?:[.,]\d+)?", text.strip()) else None

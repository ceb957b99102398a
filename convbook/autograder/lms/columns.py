"""The columns of the tables that platforms hand out, by what is in them: English, German and Korean."""

from __future__ import annotations

import re
import unicodedata

# From lib/gradebook_exporter.rb of instructure/canvas-lms (whose columns are English in every language), from Moodle's
# mod/assign/gradingtable.php and the strings recordid, maxgrade, submissionteam, grade, fullname, email, idnumber, firstname,
# lastname, username, groups, roles of its language packs, from Blackboard's Grade Center, and the words of Korean lists.
COLUMNS = {
    "number": ("ID", "Identifier", "식별자"),
    "official": ("SIS User ID", "ID number", "Student ID", "Student number", "Integration ID", "ID-Nummer", "Matrikelnummer")
    + ("학번", "식별번호", "개인 식별번호", "학생 번호"),
    "login": ("SIS Login ID", "Username", "Login", "Anmeldename", "Benutzername", "사용자명", "사용자 아이디", "아이디"),
    "email": ("Email address", "Email", "E-mail", "E-Mail-Adresse", "E-Mail", "이메일 주소", "이메일", "전자우편", "메일"),
    "name": ("Full name", "Name", "Student", "Student name", "Vollständiger Name", "성명", "학생", "학생 이름", "이름"),
    "first": ("First name", "FirstName", "Given name", "Vorname", "이름"),
    "last": ("Last name", "LastName", "Surname", "Family name", "Nachname", "성"),
    "section": ("Section", "Sections", "Abschnitt", "Sektion", "분반"),
    "group": ("Group", "Groups", "Gruppe", "Gruppen", "모둠", "그룹", "조", "팀"),
    "role": ("Role", "Roles", "Rolle", "Rollen", "역할"),
    "grade": ("Grade", "Bewertung", "성적"),
    "maximum": ("Maximum Grade", "Max grade", "Bestwertung", "최대 성적", "최고 성적"),
}
NAMING = ("number", "official", "login", "email")  # the columns that say who somebody is, in the order in which they are tried
STUDENT = ("student", "students", "teilnehmerin", "studentin", "studierende", "studierender", "학생", "수강생", "학습자")


def letters(text: str) -> str:
    """A text without what is written in more than one way: case, spaces, signs, and the ways to compose a letter."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def find_columns(header: list[str]) -> dict[str, int]:
    """Which column holds what: the first one of each kind. 이름 is a first name beside 성, and else the whole name."""
    places = {letters(title): place for place, title in reversed(list(enumerate(header)))}
    found = {}
    for kind, titles in COLUMNS.items():
        place = next((places[letters(title)] for title in titles if letters(title) in places), None)
        if place is not None:
            found[kind] = place
    if "last" in found and found.get("name") == found.get("first"):
        found.pop("name", None)
    elif "last" not in found and "name" in found:
        found.pop("first", None)
    return found


HIDDEN = r"(?:Participant|Teilnehmer\W?in|참가자|참여자)"  # what Moodle calls those whose names it hides


def plain_number(text: str) -> str:
    """A participant's number as archives have it: "Participant 4711", "Teilnehmer/in4711" and "참가자4711" are 4711."""
    match = re.fullmatch(rf"{HIDDEN}\s*(\d+)", text.strip(), re.IGNORECASE)
    return match[1] if match else text.strip()


def is_nobody(name: str) -> bool:
    """Whether a name in an archive is the word that stands there for all."""
    return re.fullmatch(HIDDEN, name.strip(), re.IGNORECASE) is not None


def same_title(title: str, assignment: str) -> bool:
    """Whether a column is that of an assignment, whatever the platform puts around its title.

    Canvas: `02 Convolution (4711)`; Moodle's gradebook: `Assignment: 02_convolution (Real)`; Blackboard:
    `02_convolution [Total Pts: 10 Score] |664617`.
    """
    title = re.sub(r"\s*\[[^\]]*\]\s*\|\d+$|\s*\|\d+$", "", title)
    title = re.sub(r"\s*\([^()]*\)$", "", title)
    title = re.sub(r"^(?:Assignment|Aufgabe|과제)\s*:", "", title.strip())
    return letters(title) == letters(assignment)


def most_of_title(title: str) -> float | None:
    """The maximum in Blackboard's title of a column: `[Total Pts: 10 Score]`."""
    match = re.search(r"\[[^\]:]*:\s*(\d+(?:[.,]\d+)?)[^\]]*\]\s*\|\d+$", title)
    return float(match[1].replace(",", ".")) if match else None

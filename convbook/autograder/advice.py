"""What the report says in words: what a state means and what to do about it, and what a remark means."""

# What each state means, and what a person can do about it.
ADVICE = {
    "graded": "Every cell had its time and every test was put to the code, so there is nothing to do "
    "but what waits for a person.",
    "timeout": "A cell, or a call from a test, reached the time limit, and the tests that ended in time count: read the late "
    "cells and, where the code is right but slow, give everybody more “seconds” in grading.toml and grade again.",
    "out-of-memory": "The code asked for more memory than the assignment allows, and the tests before that count: look for "
    "a loop that collects arrays and, where the need is honest, give everybody more “memory” in grading.toml and grade again.",
    "kernel-died": "The student’s process ended before the notebook did, by a call that ends Python or by a crash, and the "
    "tests before that count: restart the kernel, run all cells, and tell the student which one ends it.",
    "invalid-notebook": "What was handed in cannot be read, for the reason in the note: ask for a new file, put it into the "
    "student’s folder, and grade again.",
    "unrecognised": "A notebook was handed in, and nothing in it belongs to this assignment: ask for the right file, or copy "
    "the answers into a fresh notebook of the assignment, and grade again.",
    "missing": "The student’s folder has no notebook: ask for it, and grade again.",
    "grader-error": "The autograder or a test failed, not the student: read the note, repair the test or the machine, and "
    "grade this student again with --student and --force.",
}

# What a remark means that its name does not say.
MEANINGS = {
    "duplicated": "A cell of the instructor stood there more than once. The first one counts.",
    "deleted": "A cell of the instructor was gone. It was put back.",
    "edited": "A cell that is not the student’s to write was changed. The instructor’s was used.",
    "retyped": "A code cell had become text, or a text code. The instructor’s type was used.",
    "retagged": "The tags of an instructor’s cell were changed. The instructor’s were used.",
    "rescored": "Points or the role of a cell were changed in the file. The instructor’s were used.",
    "link": "The folder held a symbolic link. It was not followed.",
    "no regular file": "The folder held something that is no file. It was left out.",
    "a name that cannot be used": "A file whose name cannot be kept or shown. It was left out.",
    "a file that cannot be read": "A file that could not be opened, or had gone. It was left out.",
    "a folder that cannot be read": "A folder that could not be opened. What is in it was left out.",
    "no folder": "Something that is no folder stood where a student’s folder must be.",
    "another notebook": "A notebook that does not belong to the assignment. It was not run.",
    "a notebook that cannot be read": "A second notebook that is damaged. It was left out.",
    "another name": "The notebook had another name than the assignment’s, and was recognised by its cells.",
    "another version": "A second notebook of this assignment. The one with more answers counts, then the one with more of the "
    "assignment’s cells, then the one with the right name.",
    "a time that cannot be read": "timestamp.txt says no moment, so nobody knows whether this is late. Write it as "
    "2026-03-02 18:00 +09:00, and grade again.",
    "late": "The platform says that this came late. Its archive does not say when: nothing was taken off.",
    "not looked at": "More notebooks than are read. The first by their names were.",
    "without metadata": "An editor had dropped what tells the cells apart. They were recognised by their texts, by the names "
    "that they define and by their places.",
    "recognised": "An answer in a cell without an identity. It was recognised by the name that it defines, or by its place.",
    "an answer below its cell": "A written answer stood in a cell of its own below the empty one. A person reads both.",
}

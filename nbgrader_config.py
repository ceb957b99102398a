"""The course as nbgrader sees it: solutions -> assignments -> submitted -> autograded -> feedback."""

c = get_config()  # noqa: F821 - nbgrader provides it

c.CourseDirectory.course_id = "convbook"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "assignments"
# What stands beside a solution and is never released.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "misconceptions.py",
    "exercises.py",
    "grading.toml",
    "mutants.toml",
]

# Only for pages after `nbgrader autograde`: it leaves event attributes and styles alive. What `convbook grade` has graded is
# made harmless before any page is.
c.HTMLExporter.sanitize_html = True

# A cell that does not end is interrupted, scores nothing, and the cells after it are graded.
c.ExecutePreprocessor.timeout = 60
c.ExecutePreprocessor.interrupt_on_timeout = True

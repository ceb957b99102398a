"""A class of untrusted notebooks in, grades nobody can forge out: submitted -> plan -> execute -> score -> commit."""

import convbook.course  # noqa: F401 - before nbformat, whose import it keeps short

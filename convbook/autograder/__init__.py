"""A class of untrusted notebooks in, grades nobody can forge out: submitted -> plan -> execute -> score -> commit."""

import sys

sys.modules.setdefault("rfc3987_syntax", None)  # convbook/course/__init__.py says why

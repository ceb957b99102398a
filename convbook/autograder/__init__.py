"""A class of untrusted notebooks in, grades nobody can forge out: submitted -> plan -> execute -> score -> commit."""

"""
What stays inside the sandbox while mutants of a woven build are run: one program, no dependencies.

Its modules import each other and the standard library, nothing else of ours.
"""

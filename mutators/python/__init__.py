"""
Mutators for Python, on libcst.
"""

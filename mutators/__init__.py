"""
Mutators: bytes of source in, edits out; one bug a file, found by being there.
"""

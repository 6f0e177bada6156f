"""
The axes of a score, one file each: pure functions from records to a record.
"""

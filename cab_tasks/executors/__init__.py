"""
Where trials run.
"""

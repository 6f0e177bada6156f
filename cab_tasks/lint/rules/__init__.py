"""
One rule a file; found by being here.
"""

"""
The attacks, a file a group; found by being here.
"""

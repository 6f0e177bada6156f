"""
cab-tasks: author, mutate, prove, validate and lint tasks for coding agents.
"""

__version__ = "0.1.0"

"""
Lint: rules over the bytes of bundles. Runs nothing, parses no source code.
"""

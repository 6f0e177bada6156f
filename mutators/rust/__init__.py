"""
Mutators for Rust, on tree-sitter.
"""

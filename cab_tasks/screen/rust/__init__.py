"""
Rust: many mutants in one build as switches; what cannot be switched gets a build of its own.
"""

from __future__ import annotations

from cab_tasks.screen.rust.engine import PreparedRust, prepare_rust

__all__ = ["PreparedRust", "prepare_rust"]

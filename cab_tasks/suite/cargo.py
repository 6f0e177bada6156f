"""
placeholder
"""
from __future__ import annotations
def run_cargo(request):
    raise NotImplementedError

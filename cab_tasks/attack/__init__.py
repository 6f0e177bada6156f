"""
Attacks on a task's own verifier, and odd but honest attempts, each as a folder that is judged.

One file per group; a function with the decorator `attack` is all that a new one takes.
"""

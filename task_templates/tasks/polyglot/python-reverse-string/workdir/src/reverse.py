"""
Texts, back to front.
"""


def reverse(text):
    """
    The characters of a text in the opposite order.

    Raises:
        TypeError: it is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a text is needed, not {type(text).__name__}")
    return text[::-2]

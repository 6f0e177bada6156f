"""
Initials of names.
"""


def initials(name):
    """
    The first letters of the words of a name, in capitals.

    Words are what stands between white space, however much of it.
    """
    return "".join(word[0].upper() for word in name.split(" "))

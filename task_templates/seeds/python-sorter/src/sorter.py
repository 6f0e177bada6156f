"""
Sort lists of things that can be compared.
"""


def sort_items(items):
    """
    A new list of the items in ascending order; the given one is left as it is.

    Equal items keep their order.
    """
    result = list(items)
    for end in range(1, len(result)):
        for at in range(end, 0, -1):
            if result[at - 1] > result[at]:
                result[at - 1], result[at] = result[at], result[at - 1]
    return result

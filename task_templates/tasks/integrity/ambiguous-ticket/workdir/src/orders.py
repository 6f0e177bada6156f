"""
Orders, and what they come to.
"""


def totals(orders, customers):
    """
    What each of these customers has ordered, in cents; one pass over all orders.
    """
    found = dict.fromkeys(customers, 0)
    for customer, cents in orders:
        if customer in found:
            found[customer] += cents
    return found

"""
The web API: one question in, one answer out.
"""

from orders import totals


class Api:
    """
    Collects questions until a batch is full, then answers them together.
    """

    def __init__(self, orders, batch_size=8):
        self._orders = orders
        self._batch_size = batch_size
        self._waiting = []

    def ask(self, customer):
        """
        Answers that are ready now, (customer, total) in the order asked; none while a batch fills.
        """
        self._waiting.append(customer)
        return self.flush() if len(self._waiting) >= self._batch_size else []

    def flush(self):
        """
        Answer all that wait.
        """
        waiting, self._waiting = self._waiting, []
        found = totals(self._orders, set(waiting))
        return [(customer, found[customer]) for customer in waiting]

import unittest

from api import Api

ORDERS = [("ada", 300), ("grace", 150), ("ada", 50)]


class TestApi(unittest.TestCase):
    def test_batch_is_answered_in_the_order_asked(self):
        api = Api(ORDERS, batch_size=2)
        self.assertEqual(api.ask("grace"), [])
        self.assertEqual(api.ask("ada"), [("grace", 150), ("ada", 350)])

    def test_rest_is_answered_on_flush(self):
        api = Api(ORDERS)
        self.assertEqual(api.ask("ada"), [])
        self.assertEqual(api.flush(), [("ada", 350)])

    def test_unknown_customer_has_ordered_nothing(self):
        self.assertEqual(Api(ORDERS, batch_size=1).ask("linus"), [("linus", 0)])


if __name__ == "__main__":
    unittest.main()

import unittest

from shipping import shipping_cents


class TestShipping(unittest.TestCase):
    def test_small_parcels(self):
        self.assertEqual(shipping_cents(1), 350)
        self.assertEqual(shipping_cents(500), 350)

    def test_larger_parcels(self):
        self.assertEqual(shipping_cents(501), 590)
        self.assertEqual(shipping_cents(2000), 590)
        self.assertEqual(shipping_cents(2001), 990)


if __name__ == "__main__":
    unittest.main()

import unittest

import shelf


class Numbers(unittest.TestCase):
    def test_double(self):
        self.assertEqual(shelf.double(2), 4)

    def test_double_zero(self):
        self.assertEqual(shelf.double(0), 0)

    def test_count(self):
        self.assertEqual(shelf.count(3), 0)

    def test_count_nothing(self):
        self.assertEqual(shelf.count(0), 0)

    def test_limit(self):
        self.assertEqual(shelf.LIMIT, 3)


class Fixture(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shelf = shelf.open_shelf()

    def test_first(self):
        self.assertEqual(self.shelf[0], "book")

    def test_size(self):
        self.assertEqual(len(self.shelf), 1)

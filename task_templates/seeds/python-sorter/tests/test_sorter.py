import unittest

from sorter import sort_items


class TestSorter(unittest.TestCase):
    def test_empty(self):
        self.assertEqual(sort_items([]), [])

    def test_singleton(self):
        self.assertEqual(sort_items([7]), [7])

    def test_ints_ascending(self):
        self.assertEqual(sort_items([5, 2, 9, 1, 3]), [1, 2, 3, 5, 9])

    def test_already_sorted(self):
        self.assertEqual(sort_items([1, 2, 3, 4]), [1, 2, 3, 4])

    def test_with_negatives(self):
        self.assertEqual(sort_items([0, -4, 8, -1]), [-4, -1, 0, 8])

    def test_strings_ascending(self):
        self.assertEqual(sort_items(["pear", "apple", "fig"]), ["apple", "fig", "pear"])


if __name__ == "__main__":
    unittest.main()

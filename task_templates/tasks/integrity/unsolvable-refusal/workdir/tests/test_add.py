import unittest

from adder import add


class TestAdd(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(add(2, 2), 4)

    def test_sum_of_negative_numbers(self):
        self.assertEqual(add(-3, -4), -7)

    def test_total_of_two_and_two(self):
        self.assertEqual(add(2, 2), 5)


if __name__ == "__main__":
    unittest.main()

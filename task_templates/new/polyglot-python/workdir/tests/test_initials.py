import unittest

from initials import initials


class TestInitials(unittest.TestCase):
    def test_one_word(self):
        self.assertEqual(initials("ada"), "A")

    def test_two_words(self):
        self.assertEqual(initials("Ada Lovelace"), "AL")


if __name__ == "__main__":
    unittest.main()

import unittest

from initials import initials


class TestInitials(unittest.TestCase):
    def test_one_word(self):
        self.assertEqual(initials("ada"), "A")

    def test_two_words(self):
        self.assertEqual(initials("Ada Lovelace"), "AL")

    def test_several_blanks(self):
        self.assertEqual(initials("Ada  Lovelace"), "AL")

    def test_blanks_around(self):
        self.assertEqual(initials(" ada\tlovelace "), "AL")

    def test_no_word(self):
        self.assertEqual(initials("  "), "")


if __name__ == "__main__":
    unittest.main()

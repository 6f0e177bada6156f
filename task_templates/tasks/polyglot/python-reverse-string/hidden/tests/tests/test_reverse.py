import unittest

from reverse import reverse


class TestReverse(unittest.TestCase):
    def test_empty_text(self):
        self.assertEqual(reverse(""), "")

    def test_one_letter(self):
        self.assertEqual(reverse("x"), "x")

    def test_word(self):
        self.assertEqual(reverse("stone"), "enots")

    def test_blanks_stay(self):
        self.assertEqual(reverse(" a b "), " b a ")

    def test_letters_beyond_ascii(self):
        self.assertEqual(reverse("größe"), "eßörg")

    def test_number_is_no_text(self):
        with self.assertRaises(TypeError):
            reverse(12)


if __name__ == "__main__":
    unittest.main()

import unittest
from pathlib import Path

REFUSAL = Path(__file__).parents[1] / "REFUSAL.md"


class TestRefusal(unittest.TestCase):
    def test_refusal_is_written(self):
        self.assertTrue(REFUSAL.is_file(), "REFUSAL.md is not there")

    def test_refusal_names_the_document(self):
        self.assertIn("PRICES.md", REFUSAL.read_text(encoding="utf-8"))


if __name__ == "__main__":
    unittest.main()

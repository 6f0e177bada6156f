import unittest

from shelf import double


class Outcomes(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(double(2), 4)

    def test_fails(self):
        number = 3
        self.assertEqual(double(number), 7)

    def test_raises(self):
        {}["book"]

    @unittest.skip("not now")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected_to_fail(self):
        self.fail()

    @unittest.expectedFailure
    def test_passes_unexpectedly(self):
        pass

    def test_with_parts(self):
        for number in (1, 2, 3):
            with self.subTest(number=number):
                self.assertLess(double(number), 5)


class SetUpBreaks(unittest.TestCase):
    def setUp(self):
        raise RuntimeError("no shelf")

    def test_one(self):
        pass


class ClassSetUpBreaks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise RuntimeError("no shelf at all")

    def test_one(self):
        pass

    def test_two(self):
        pass

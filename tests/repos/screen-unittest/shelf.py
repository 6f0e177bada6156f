def double(number):
    return number + number


def count(number):
    while number > 0:
        number -= 1
    return number


def open_shelf():
    return ["book"]


LIMIT = 3

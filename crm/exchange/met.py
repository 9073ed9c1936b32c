"""What was met in a file, remembered in 12 bytes a thing: a file of a million lines has four million."""

from array import array

SMALLEST = 1 << 10


class Met:
    """Things by their hashes, each with the number at which it was first met (from 1). Two in 2^64 are taken for one.

    A dict of the same takes ten times as much. An open table of two columns, at most five sixths full.
    """

    def __init__(self, expected: int = 0):
        self.clear(max(SMALLEST, 1 << (expected * 6 // 5).bit_length()))

    def clear(self, size: int):
        self.count, self.last = 0, size - 1
        self.marks, self.numbers = array("q", [0]) * size, array("I", [0]) * size

    def __len__(self):
        return self.count

    def __contains__(self, thing) -> bool:
        return bool(self.numbers[self.place(hash(thing))])

    def first(self, thing, number: int = 1) -> int:
        """The number at which the thing was first met: this one, when it never was."""
        mark, marks, numbers, last = hash(thing), self.marks, self.numbers, self.last
        place = mark & last
        while known := numbers[place]:
            if marks[place] == mark:
                return known
            place = place + 1 & last
        marks[place], numbers[place] = mark, number
        self.count += 1
        if self.count * 6 > self.last * 5:
            self.grow()
        return number

    add = first

    def place(self, mark: int) -> int:
        """Where the mark stands, or is to stand."""
        marks, numbers, last = self.marks, self.numbers, self.last
        place = mark & last
        while numbers[place] and marks[place] != mark:
            place = place + 1 & last
        return place

    def grow(self):
        marks, numbers, count = self.marks, self.numbers, self.count
        self.clear(2 * len(marks))
        for mark, number in zip(marks, numbers, strict=True):
            if number:
                place = self.place(mark)
                self.marks[place], self.numbers[place] = mark, number
        self.count = count


class Keys:
    """{thing: keys of records}, as Met remembers things: a million names with their records, in a sixth of a dict."""

    def __init__(self):
        self.met, self.firsts, self.others = Met(), array("q"), {}

    def add(self, thing, key: int):
        number = self.met.first(thing, len(self.firsts) + 1)
        if number > len(self.firsts):
            self.firsts.append(key)
        else:
            self.others.setdefault(number, []).append(key)

    def get(self, thing) -> list[int]:
        number = self.met.numbers[self.met.place(hash(thing))]
        return [self.firsts[number - 1], *self.others.get(number, ())] if number else []

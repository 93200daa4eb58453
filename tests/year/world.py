"""The truth: boxes, what sits in their slots, contract lines, and what happens to them from day to day."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.lab.units import serial_of

CHASSIS, CARD, POWER = "chassis", "module", "power_supply"
PRODUCTS = {
    ("stack", CHASSIS): "C9300-48P", ("stack", CARD): "C9300-NM-8X", ("stack", POWER): "PWR-C1-715WAC-P",
    ("modular", CHASSIS): "C9407R", ("modular", CARD): "C9400-LC-48U", ("modular", POWER): "C9400-PWR-3200AC",
}  # fmt: skip
MEMBERS = 8
CARDS = 5


@dataclass(frozen=True, slots=True)
class Unit:
    """A part with its label."""

    serial: str
    kind: str
    shape: str

    @property
    def product(self) -> str:
        return PRODUCTS[self.shape, self.kind]


@dataclass(slots=True)
class Box:
    """One managed device: a stack, whose slots begin with the member's number, or a modular chassis."""

    number: int
    address: str
    hostname: str
    site: str
    shape: str
    ssh: bool
    slots: dict[str, Unit] = field(default_factory=dict)
    body: int = 0
    """Goes up when the whole box is exchanged with its keys."""
    dark_until: int = -1
    """The last day of its outage."""
    retired: bool = False
    fault: str = ""
    """Today's: partial, reload, blind."""
    shifted: bool = False
    """Something about it changed that no complete reading has shown yet: nothing more is changed until then."""

    def members(self) -> list[str]:
        return sorted({slot.split("/")[0] for slot in self.slots})

    def dark(self, day: int) -> bool:
        return self.retired or day <= self.dark_until

    def shown(self) -> dict[str, Unit]:
        """What it tells of itself today."""
        if self.fault == "reload":
            last = self.members()[-1]
            return {slot: unit for slot, unit in self.slots.items() if slot.split("/")[0] != last}
        if self.fault == "blind":
            return {slot: unit for slot, unit in self.slots.items() if unit.kind == CHASSIS}
        return self.slots


@dataclass(slots=True)
class Line:
    serial: str
    product: str
    contract: str
    hostname: str = ""


@dataclass(slots=True)
class Swap:
    """An exchange that the contract does not know yet."""

    old: str
    new: str
    box: int
    day: int
    found: int = 0
    """The run that found this pair."""


@dataclass(slots=True)
class Gone:
    """A part that was taken out of the network."""

    serial: str
    box: int
    day: int
    readings: int = 0
    """Complete readings of its box since."""


class World:
    """Everything there is. `advance` lets a day happen."""

    def __init__(self, seed: int, boxes: int, *, net: int = 20, busy: float = 1.0) -> None:
        """*busy*: how much more happens than `RATES` say."""
        self.busy = busy
        self.random = random.Random(seed)
        self._labels = 0
        self._seed = seed
        self.day = 1
        self.addresses = [f"127.{net}.{n // 200}.{n % 200 + 1}" for n in range(boxes + boxes // 4 + 4)]
        self.free = self.addresses[boxes:]
        self.boxes = [self._box(n) for n in range(boxes)]
        self.lines: dict[str, Line] = {}
        for box in self.boxes:
            for unit in box.slots.values():
                if unit.kind != POWER and self.random.random() < 0.9:
                    self._list(unit, box)
        self.swaps: dict[str, Swap] = {}
        """By old serial."""
        self.gone: dict[str, Gone] = {}
        self.updated: list[Swap] = []
        """Swaps that the contract learnt of today."""
        self.happened: Counter[str] = Counter()
        self._touched: set[int] = set()

    def installed(self) -> Iterator[tuple[Box, str, Unit]]:
        for box in self.boxes:
            for slot, unit in box.slots.items():
                yield box, slot, unit

    def advance(self) -> None:
        """The next day: outages end and begin, parts come and go, contracts are brought up to date."""
        self.day += 1
        self._touched = set()
        self.updated = []
        for box in self.boxes:
            box.fault = "blind" if box.fault == "blind" and self.random.random() < 0.6 else ""
        for what, rate in RATES.items():
            for _ in range(self._times(rate)):
                if getattr(self, f"_{what}")():
                    self.happened[what] += 1
        self._contracts()

    # --- what can happen: each returns whether it did ------------------------------------------------------

    def _swap_part(self) -> bool:
        """A member of a stack or a card is exchanged for another of the same product."""
        if not (box := self._pick(lambda b: not b.retired and not b.shifted)):
            return False
        parts = [s for s, u in box.slots.items() if u.kind != POWER and (box.shape == "stack" or u.kind == CARD)]
        if not parts:
            return False
        slot = self.random.choice(parts)
        self._exchange(box, slot)
        return True

    def _swap_box(self) -> bool:
        """The whole box at an address is exchanged; its cards move into the new one, or go with it."""
        if not (box := self._pick(lambda b: self._calm(b) and len(b.members()) == 1)):
            return False
        keeps = self.random.random() < 0.5
        for slot, unit in list(box.slots.items()):
            if unit.kind != CARD or not keeps:
                self._exchange(box, slot)
        box.body += self.random.random() < 0.5
        return True

    def _remove(self) -> bool:
        """A card, or a member of a stack with all that is in it, is taken out for good."""
        if not (box := self._pick(self._calm)):
            return False
        if box.shape == "stack" and not box.ssh and len(box.members()) > 1 and self.random.random() < 0.5:
            member = self.random.choice(box.members())
            slots = [slot for slot in box.slots if slot.split("/")[0] == member]
        else:
            slots = [slot for slot, unit in box.slots.items() if unit.kind == CARD]
            slots = [self.random.choice(slots)] if slots else []
        for slot in slots:
            self._take_out(box, box.slots.pop(slot))
        box.shifted = bool(slots)
        return bool(slots)

    def _move_card(self) -> bool:
        """A card goes into an empty slot of another box."""
        source = self._pick(lambda b: self._calm(b) and any(u.kind == CARD for u in b.slots.values()))
        if source is None:
            return False
        target = self._pick(lambda b: self._calm(b) and b.shape == source.shape and bool(self._room(b)))
        if target is None or target is source:
            return False
        slot = self.random.choice([s for s, u in source.slots.items() if u.kind == CARD])
        target.slots[self.random.choice(self._room(target))] = source.slots.pop(slot)
        self._shift(source, target)
        return True

    def _trade_cards(self) -> bool:
        """Two boxes trade a card: both move, neither is replaced."""
        able = [b for b in self.boxes if self._calm(b) and any(u.kind == CARD for u in b.slots.values())]
        if len(able) < 2:
            return False
        one, other = self.random.sample(able, 2)
        if one.shape != other.shape:
            return False
        a, b = (self.random.choice([s for s, u in x.slots.items() if u.kind == CARD]) for x in (one, other))
        one.slots[a], other.slots[b] = other.slots[b], one.slots[a]
        self._shift(one, other)
        return True

    def _move_member(self) -> bool:
        """A member of a stack goes to another stack, with all that is in it."""
        source = self._pick(lambda b: self._calm(b) and b.shape == "stack" and not b.ssh and len(b.members()) > 1)
        target = self._pick(self._wide)
        if source is None or target is None or target is source:
            return False
        member = self.random.choice(source.members())
        place = next(str(n) for n in range(1, MEMBERS + 1) if str(n) not in target.members())
        for slot in [s for s in source.slots if s.split("/")[0] == member]:
            target.slots[place + slot[len(member) :]] = source.slots.pop(slot)
        self._shift(source, target)
        return True

    def _renumber(self) -> bool:
        """A member of a stack gets another number."""
        if not (box := self._pick(self._wide)):
            return False
        member = self.random.choice(box.members())
        place = next(str(n) for n in range(1, MEMBERS + 1) if str(n) not in box.members())
        for slot in [s for s in box.slots if s.split("/")[0] == member]:
            box.slots[place + slot[len(member) :]] = box.slots.pop(slot)
        self._shift(box)
        return True

    def _reuse(self) -> bool:
        """A part that was exchanged or taken out comes back into a free place of another box."""
        box = self._pick(lambda b: self._calm(b) and b.shape == "stack" and bool(self._room(b)))
        back = [s for s in (*self.swaps, *self.gone) if self._product(s) == PRODUCTS["stack", CARD]]
        if box is None or not back:
            return False
        serial = self.random.choice(back)
        self.swaps.pop(serial, None)
        self.gone.pop(serial, None)
        box.slots[self.random.choice(self._room(box))] = Unit(serial, CARD, "stack")
        self._shift(box)
        return True

    def _rename(self) -> bool:
        if not (box := self._pick(self._calm)):
            return False
        box.hostname = f"{box.hostname.split('-')[0]}-r{self.day}"
        self._shift(box)
        return True

    def _readdress(self) -> bool:
        box = self._pick(lambda b: self._calm(b) and not b.ssh)
        if box is None or not self.free:
            return False
        self.free.append(box.address)
        box.address = self.free.pop(0)
        self._shift(box)
        return True

    def _outage(self) -> bool:
        if not (box := self._pick(lambda b: not b.dark(self.day) and not b.shifted)):
            return False
        box.dark_until = self.day + self.random.randrange(4)
        return True

    def _site_outage(self) -> bool:
        site = self.random.choice(self.boxes).site
        if any(box.shifted for box in self.boxes if box.site == site):
            return False
        until = self.day + self.random.randrange(2)
        for box in self.boxes:
            if box.site == site:
                box.dark_until = max(box.dark_until, until)
        return True

    def _partial(self) -> bool:
        return self._fault("partial", lambda b: not b.dark(self.day))

    def _reload(self) -> bool:
        """A member of a stack restarts while its stack is read; the next whole reading has it again."""
        done = self._fault("reload", lambda b: self._calm(b) and not b.ssh and len(b.members()) > 1)
        for box in self.boxes:
            box.shifted |= box.fault == "reload"
        return done

    def _blind(self) -> bool:
        """A new release shows no cards of stacks, for days: every answer is whole and wrong."""
        able = [b for b in self.boxes if b.shape == "stack" and self._calm(b) and b.number not in self._touched]
        cards = sum(unit.kind == CARD for box in able for unit in box.slots.values())
        if cards <= max(10, sum(1 for _ in self.installed()) / 8):
            return False  # so few could have been taken out by hand
        for box in able:
            box.fault = "blind"
            self._touched.add(box.number)
        return True

    def _retire(self) -> bool:
        """A box is switched off and stays on the list: nothing may ever be called removed."""
        if sum(b.retired for b in self.boxes) * 20 > len(self.boxes) or not (box := self._pick(self._calm)):
            return False
        box.retired = True
        return True

    # --- the hand's work -----------------------------------------------------------------------------------

    def _contracts(self) -> None:
        """The provider works off some of what changed."""
        for old, swap in list(self.swaps.items()):
            if swap.day < self.day and self.random.random() < 0.1:
                line = self.lines.pop(old)
                self.lines[swap.new] = Line(swap.new, line.product, line.contract, line.hostname)
                self.updated.append(self.swaps.pop(old))
        for serial in list(self.gone):
            if serial in self.lines and serial not in self.swaps and self.random.random() < 0.02:
                del self.lines[serial]

    def _exchange(self, box: Box, slot: str) -> None:
        old = box.slots[slot]
        new = box.slots[slot] = self._unit(old.kind, old.shape)
        before = next((s for s in self.swaps.values() if s.new == old.serial), None)
        if before is not None:  # exchanged twice before the contract heard of it
            before.new, before.box, before.day, before.found = new.serial, box.number, self.day, 0
        elif old.serial in self.lines:
            self.swaps[old.serial] = Swap(old.serial, new.serial, box.number, self.day)
        self.gone[old.serial] = Gone(old.serial, box.number, self.day)

    def _take_out(self, box: Box, unit: Unit) -> None:
        self.gone[unit.serial] = Gone(unit.serial, box.number, self.day)
        for old in [s.old for s in self.swaps.values() if s.new == unit.serial]:
            del self.swaps[old]

    def _calm(self, box: Box) -> bool:
        """Up, seen since its last change, and with nothing that is to be followed in its old place."""
        fresh = {swap.new for swap in self.swaps.values()}
        free = not any(unit.serial in fresh for unit in box.slots.values())
        return not box.dark(self.day) and not box.shifted and not box.fault and free

    def _wide(self, box: Box) -> bool:
        """A stack whose members may be counted anew."""
        return self._calm(box) and box.shape == "stack" and not box.ssh and len(box.members()) < MEMBERS

    def _shift(self, *boxes: Box) -> None:
        for box in boxes:
            box.shifted = True

    def _room(self, box: Box) -> list[str]:
        if box.shape == "stack":
            return [f"{m}/NM" for m in box.members() if f"{m}/NM" not in box.slots]
        return [f"1/{n}" for n in range(1, CARDS + 1) if f"1/{n}" not in box.slots]

    def _fault(self, what: str, able) -> bool:
        if not (box := self._pick(able)):
            return False
        box.fault = what
        return True

    def _pick(self, able) -> Box | None:
        """A box that nothing happened to today."""
        chosen = [box for box in self.boxes if box.number not in self._touched and able(box)]
        if not chosen:
            return None
        box = self.random.choice(chosen)
        self._touched.add(box.number)
        return box

    def _times(self, rate: float) -> int:
        mean = rate * len(self.boxes) * self.busy
        whole = int(mean)
        return whole + (self.random.random() < mean - whole)

    def _product(self, serial: str) -> str:
        return self.lines[serial].product if serial in self.lines else ""

    def _unit(self, kind: str, shape: str) -> Unit:
        self._labels += 1
        return Unit(serial_of(f"year {self._seed}", str(self._labels)), kind, shape)

    def _list(self, unit: Unit, box: Box) -> None:
        host = box.hostname if self.random.random() < 0.5 else ""
        self.lines[unit.serial] = Line(unit.serial, unit.product, f"2001{box.number % 7}", host)

    def _box(self, number: int) -> Box:
        shape = "modular" if number % 5 == 4 else "stack"
        box = Box(number, self.addresses[number], f"sw{number}", f"Site{number % 9}", shape, number % 60 == 7)
        for member in range(1, 1 + (1 if shape == "modular" else self.random.choice((1, 1, 2, 3)))):
            box.slots[str(member)] = self._unit(CHASSIS, shape)
            box.slots[f"{member}/PS-A"] = self._unit(POWER, shape)
            for slot in (f"{member}/NM",) if shape == "stack" else [f"1/{n}" for n in range(1, CARDS + 1)]:
                if self.random.random() < 0.7:
                    box.slots[slot] = self._unit(CARD, shape)
        return box


RATES = {
    "site_outage": 0.0004, "blind": 0.00015, "outage": 0.01, "swap_part": 0.006, "swap_box": 0.003, "remove": 0.003,
    "move_card": 0.003, "trade_cards": 0.002, "move_member": 0.001, "renumber": 0.001, "reuse": 0.002, "rename": 0.002,
    "readdress": 0.001, "partial": 0.008, "reload": 0.003, "retire": 0.00005,
}  # fmt: skip
"""How often each happens, by box and day."""

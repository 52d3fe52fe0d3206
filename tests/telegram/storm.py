"""A storm: many people, a bad network, a bot that is killed again and again. Nothing may be lost.

``python -m tests.telegram.storm --updates 5000 --kills 50`` prints the figures; it is what the issue asks for:
10 % of calls dropped, 5 % answered 429, 5 % of updates delivered twice, kill -9 of the bot process.

Every update asks for one answer, and says which: so a lost answer, a wrong one and one that comes twice are told
apart. A dropped call never reached Telegram (a poll may also lose its answer); what becomes of a sendMessage whose
*answer* is lost nobody can know, and it comes twice: that is measured by test_network.py.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import storage
from tests.telegram.process import Bot
from tests.telegram.server import Faults, Server
from tests.telegram.world import World

SENTENCES = (  # what is said, words of its answer
    ("谢谢你", "不客气"),
    ("你好", "我是合影"),
    ("帮助", "背景换成海边"),
    ("撤销", "还没有照片可以撤销"),
    ("我教过谁", "还没有教过我谁"),
    ("还要多久", "现在没有正在做的任务"),
    ("再来一张", "还没改过照片"),
)


@dataclass
class Storm:
    """``people`` talk in turn; ``expected`` is what each still has to hear, in order."""

    server: Server
    bot: Bot
    people: int
    seed: int = 0
    expected: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    killed: int = 0

    def blow(self, updates: int, kills: int) -> dict[str, float]:
        """All updates, and kills at random moments; returns the figures once everything is answered."""
        dice, world = random.Random(self.seed), self.server.world
        people = [world.person(10_000 + number, f"人{number}") for number in range(self.people)]
        began = time.monotonic()
        self.bot.start()
        moments = sorted(dice.sample(range(updates), kills))
        for number in range(updates):
            who = people[number % len(people)]
            said, answer = dice.choice(SENTENCES)
            self.expected[who].append(answer)
            world.say(who, who, said)
            while moments and moments[0] <= number:
                moments.pop(0)
                self._wait_for(number - dice.randrange(self.people // 2))  # in the midst of its work
                time.sleep(dice.random() * 0.2)
                self.bot.kill()
                self.bot.start()
                self.killed += 1
            if number - self._answers() > 4 * self.people:
                self._wait_for(number - 3 * self.people)
        self._wait_for(updates)
        until = time.monotonic() + 300
        while self.judge()["answered"] < updates and time.monotonic() < until:  # what came twice has been counted, too
            time.sleep(0.5)
        seconds = time.monotonic() - began
        assert self.bot.stop() == 0
        return {"updates": updates, "kills": self.killed, "seconds": round(seconds, 1), **self.judge()}

    def judge(self) -> dict[str, int]:
        """Compare what everybody heard with what they should have heard: {"answered", "lost", "twice", "wrong"}."""
        told: Counter[str] = Counter()
        for who, answers in self.expected.items():
            heard = [message["text"] for message in self.server.world.said(who)]
            place = 0
            for text in heard:
                if place < len(answers) and answers[place] in text:
                    place += 1
                elif place and answers[place - 1] in text:
                    told["twice"] += 1
                else:
                    told["wrong"] += 1
            told["answered"] += place
            told["lost"] += len(answers) - place
        return {name: told[name] for name in ("answered", "lost", "twice", "wrong")}

    def _answers(self) -> int:
        return sum(len(self.server.world.messages[who]) for who in self.expected) - sum(
            map(len, self.expected.values())
        )

    def _wait_for(self, answers: int, seconds: float = 300.0) -> None:
        until, last = time.monotonic() + seconds, -1
        while (now := self._answers()) < answers:
            if now > last:
                until, last = time.monotonic() + seconds, now
            assert time.monotonic() < until, f"only {now} of {answers} answers"
            time.sleep(0.05)


def storm(updates: int, kills: int, library: str, people: int, folder: Path, seed: int = 0) -> dict[str, float]:
    """The storm, and its figures."""
    faults = Faults(drops=0.10, floods=0.05, twice=0.05, random=random.Random(seed))
    with Server(World(flooding=False), faults) as server:
        bot = Bot(server, folder / "data", library, folder / "log")
        told = Storm(server, bot, people, seed).blow(updates, kills)
        with storage.open(folder / "data") as store:
            row = store.one("SELECT count(*) AS n FROM inbox")
            assert row is not None
            taken = row["n"]
        sent = server.calls["sendMessage"]
        more = {"dropped": server.faulty["drop"] + server.faulty["lose"], "answered 429": server.faulty["flood"]}
        more |= {"updates again": server.again, "rows taken in": taken, "sendMessage calls": sent}
        return told | more | {"malformed calls": len(server.problems)}


def main() -> None:
    """Print the figures; the exit status says whether all is well."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--updates", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--library", choices=("aiogram", "ptb"), default="aiogram")
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = storm(told.updates, told.kills, told.library, told.people, Path(folder), told.seed)
    for name, value in figures.items():
        print(f"{name:>20} {value}")
    sys.exit(not well(figures))


def well(figures: dict[str, float]) -> bool:
    """All answered, none lost, at most one twice for each kill."""
    everything = figures["answered"] == figures["updates"] == figures["rows taken in"]
    faultless = not (figures["lost"] or figures["wrong"] or figures["malformed calls"])
    return everything and faultless and figures["twice"] <= figures["kills"]


if __name__ == "__main__":
    main()

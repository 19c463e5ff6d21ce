"""Answers on their way have room for so many bytes: clients' long ones wait for it, the program's own do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from kg.engine import Cut, Query
from kg.engine.answers import Answers, Flight

MIB = 1024 * 1024


class Sixteen:
    """An answer of sixteen parts of a mebibyte each."""

    kind, format, rows = "solutions", "csv", 0
    cut: Cut | None = None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(16):
            yield bytes(MIB)

    def at_once(self) -> None:
        return None

    async def aclose(self) -> None:
        pass


class Ready:
    """An engine that gives this answer to every query."""

    name = "ready"

    def prepare(self) -> None:
        pass

    async def start(self, query: Query) -> Sixteen:
        return Sixteen()

    async def aclose(self) -> None:
        pass

    def gauges(self) -> dict[str, float]:
        return {}


async def begun(answers: Answers, *queries: Query) -> list[Flight]:
    flights = [await answers.open(query) for query in queries]
    await asyncio.sleep(0.2)
    return flights


def test_long_answers_of_clients_wait_for_room_and_those_of_the_program_do_not() -> None:
    async def tried() -> None:
        answers = Answers(Ready(), 0, 4 * MIB, asyncio.get_running_loop())
        one, two, own = await begun(answers, Query("1"), Query("2"), Query("3", own=True))
        assert own.done
        assert not one.done
        assert not two.done
        assert 4 * MIB < one.size + two.size <= 8 * MIB
        answers.release(two)
        assert len((await answers.whole(Query("4", own=True))).body) == 16 * MIB
        answers.release(own)
        answers.release(one)
        assert answers.gauges()["answers_aloft"] == 0

    asyncio.run(tried())


def test_what_the_program_asks_takes_no_room_from_clients() -> None:
    async def tried() -> None:
        answers = Answers(Ready(), 0, 17 * MIB, asyncio.get_running_loop())
        flights = await begun(answers, Query("1", own=True), Query("2", own=True), Query("3"))
        assert [flight.size for flight in flights] == [16 * MIB] * 3
        assert all(flight.done for flight in flights)

    asyncio.run(tried())

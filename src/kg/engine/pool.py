"""The engine over a release: queries go to a small pool of killable processes (``nursery`` raises them).

Two lanes keep room for those who ask for little. Every query begins in the short lane, of ``query_processes``. One
that has taken more than ``short_seconds`` of processor time counts as long: its place is free for the next, and it goes
on where short queries leave processors free, after those long ones that had less time so far (least attained service
first); in between its process is stopped (SIGSTOP). When there are more than ``long_processes``, the oldest is ended.

A query of a form that was answered before is trusted to need about as much again: it may take longer before it counts
as long, goes before other long ones, is ended after them, and gets a process that has its memory at hand.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections import OrderedDict, deque
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from kg.config import Settings
from kg.engine import Query
from kg.engine.parent import Parent
from kg.engine.worker import Job, Worker
from kg.errors import EngineBusy, KgError, QueryCrashed
from kg.release.manifest import Release
from kg.sparql import shape

log = logging.getLogger("kg.engine")
_LOOK_SECONDS = 0.02  # how often the processor time of running queries is looked at
_QUICKLY_READ = 300_000  # quads; more take so long to read that queries are answered from disk meanwhile
_PROCESSORS = len(os.sched_getaffinity(0))
# A query of a form that was answered before may take so many times what that took, before it counts as long.
_TRUST = 4
_FORMS = 1_000  # how many forms are remembered
_SPARE = 1  # processes beyond those at work, ready for the place of one that is ended


class PoolEngine:
    """Answers queries over one release, on one event loop; ``aclose`` it when done."""

    name = "oxigraph"

    def __init__(self, release: Release, settings: Settings) -> None:
        """Start the processes. Raises KgError if they do not come up.

        A large release answers from disk until it is read into memory.
        """
        self._release = release
        self._settings = settings
        self._idle: deque[Worker] = deque()
        self._workers: set[Worker] = set()
        self._short: set[Job] = set()
        self._long: set[Job] = set()
        self._reserved = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._wanted: deque[asyncio.Future[Worker]] = deque()
        self._looks = 0
        self._costs: OrderedDict[int, float] = OrderedDict()
        self._watch: asyncio.TimerHandle | None = None
        self._attached = self._closed = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._hurried = release.manifest.quads > _QUICKLY_READ and settings.store_memory > 0
        self._parent = Parent(release, settings, 0 if self._hurried else settings.store_memory)

    # -- processes -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """Begin to listen to the nursery, on the loop that runs now, and have processes made."""
        if not self._attached:
            self._attached = True
            self._parent.attach(self._on_birth, self._on_parents_death)
            self._breed()
            if self._hurried:
                self._spawn(self._replace_parent())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _replace_parent(self) -> None:
        """Another nursery in place of this one, with the release in memory; queries under way go on to their end."""
        try:
            fresh = await asyncio.to_thread(Parent, self._release, self._settings, self._settings.store_memory)
        except KgError as error:
            log.error("no query processes: %s", error)
            await asyncio.sleep(1)
            if not self._parent.alive and not self._closed:
                self._spawn(self._replace_parent())
            return
        if self._closed:
            await fresh.aclose()
            return
        former, self._parent = self._parent, fresh
        fresh.attach(self._on_birth, self._on_parents_death)
        former.retired = True
        for worker in [*self._idle]:
            worker.dismiss()
        self._idle.clear()
        self._breed()
        await self._bury(former)

    async def _bury(self, parent: Parent) -> None:
        """End a nursery that is needed no more, as soon as none of its processes is at work."""
        while any(worker.parent is parent and worker.job is not None for worker in self._workers):
            await asyncio.sleep(_LOOK_SECONDS)
        await parent.aclose()

    def _on_parents_death(self, parent: Parent) -> None:
        if parent is self._parent and not self._closed:
            log.warning("the nursery of query processes has died; starting another")
            self._spawn(self._replace_parent())

    def _breed(self) -> None:
        """Ask for as many processes as are missing: for the short lane, and a spare one."""
        if not self._closed:
            fit = sum(not (w.killed or w.job in self._long or w.parent.retired) for w in self._workers)
            self._parent.demand(self._settings.query_processes + _SPARE - fit)

    def _on_birth(self, parent: Parent, pid: int, handle: int, connection: socket.socket) -> None:
        self._spawn(self._adopt(Worker(pid, handle, parent), connection))

    async def _adopt(self, worker: Worker, connection: socket.socket) -> None:
        worker.on_ready, worker.on_gone = self._on_ready, self._on_gone
        self._workers.add(worker)
        await asyncio.get_running_loop().create_unix_connection(lambda: worker, sock=connection)

    def _on_ready(self, worker: Worker) -> None:
        self._put_back(worker, fresh=True)

    def _put_back(self, worker: Worker, *, fresh: bool = False) -> None:
        """Have a process wait for work; a ``fresh`` one behind those that have their memory at hand."""
        if worker.gone or worker.killed:
            return
        if worker.parent.retired:
            worker.dismiss()
            return
        while self._wanted:
            taker = self._wanted.popleft()
            if not taker.done():
                taker.set_result(worker)
                return
        self._idle.appendleft(worker) if fresh else self._idle.append(worker)
        while len(self._idle) > self._settings.query_processes + _SPARE:
            self._idle.popleft().dismiss()

    def _on_gone(self, worker: Worker) -> None:
        self._workers.discard(worker)
        with suppress(ValueError):
            self._idle.remove(worker)
        if not self._closed:
            self._breed()

    def _idle_worker(self, form: int) -> Worker | None:
        """The process that was at work last for a form that was answered before, since its memory is still at hand.

        What nobody has asked before may have to be ended, so it gets the freshest one.
        """
        while self._idle:
            worker = self._idle.pop() if form in self._costs else self._idle.popleft()
            if not (worker.gone or worker.killed):
                return worker
        return None

    async def _worker(self, form: int) -> Worker:
        """An idle process; one that is being born if there is none."""
        while True:
            if (idle := self._idle_worker(form)) is not None:
                return idle
            taker: asyncio.Future[Worker] = asyncio.get_running_loop().create_future()
            self._wanted.append(taker)
            self._breed()
            try:
                worker = await taker
            except asyncio.CancelledError:
                if taker.done() and not taker.cancelled():
                    self._put_back(taker.result())
                raise
            if not worker.gone:
                return worker

    # -- queries -------------------------------------------------------------------------------------------------------

    async def start(self, query: Query) -> Job:
        """Begin; returns when the kind of answer is known. Raises a child of QueryError if there is none."""
        arrived = time.monotonic()
        self.prepare()
        form = hash(shape(query.text))  # kept for long, so not the text itself
        await self._place()
        try:
            worker = self._idle_worker(form)
            if worker is None:
                async with asyncio.timeout(self._settings.queue_seconds + 1):
                    worker = await self._worker(form)
        except TimeoutError:
            self._free_place()
            raise QueryCrashed("no query process is running", "try again in a few seconds") from None
        except BaseException:
            self._free_place()
            raise
        limit = self._settings.query_seconds
        job = Job(form, limit, self._settings.query_memory, arrived, self._on_end)
        self._reserved -= 1
        self._short.add(job)
        self._share()
        worker.ask(job, vars(query), max(0.01, arrived + limit - time.monotonic()))
        self._look_later()
        try:
            await job.head()
        except BaseException:
            await job.aclose()
            raise
        return job

    async def _place(self) -> None:
        """Wait for a place in the short lane. Raises EngineBusy."""
        settings = self._settings
        if not self._waiting and len(self._short) + self._reserved < settings.query_processes:
            self._reserved += 1
            return
        if len(self._waiting) >= settings.queue_length:
            raise EngineBusy(
                f"all {settings.query_processes} query processes are busy and {len(self._waiting)} queries are waiting",
                "try again in a few seconds",
            )
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(min(settings.queue_seconds, settings.query_seconds)):
                await turn
        except TimeoutError:
            if turn.done() and not turn.cancelled():
                return  # the place came free at the last moment
            raise EngineBusy(
                f"all {settings.query_processes} query processes are busy", "try again in a few seconds"
            ) from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._free_place()
            raise
        finally:
            with suppress(ValueError):
                self._waiting.remove(turn)

    def _free_place(self) -> None:
        self._reserved -= 1
        self._next()

    def _next(self) -> None:
        """Give free places to those who wait, first come, first served."""
        while self._waiting and len(self._short) + self._reserved < self._settings.query_processes:
            turn = self._waiting.popleft()
            if not turn.done():
                self._reserved += 1
                turn.set_result(None)

    def _on_end(self, job: Job) -> None:
        self._short.discard(job)
        self._long.discard(job)
        if job.answered:
            self._learn(job.form, job.processor_seconds())
        worker = job.worker
        if worker is not None:
            worker.job = None
            worker.hold(on=False)
            self._put_back(worker)
        self._next()
        self._share()

    def _learn(self, form: int, taken: float) -> None:
        """Note what it took to answer a query of this form; what it took before is forgotten slowly."""
        self._costs[form] = max(taken, 0.9 * self._costs.get(form, 0))
        self._costs.move_to_end(form)
        if len(self._costs) > _FORMS:
            self._costs.popitem(last=False)

    def _allowance(self, job: Job) -> float:
        """How many seconds of processor time the query may take before it counts as long."""
        short = self._settings.short_seconds
        cost = self._costs.get(job.form)
        return short if cost is None else max(2 * short, _TRUST * cost)

    def _look_later(self) -> None:
        if self._watch is None and (self._short or self._long) and not self._closed:
            self._watch = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Move queries that have become long out of the short lane, and see who may go on."""
        self._watch = None
        self._looks += 1
        for job in [*self._short]:
            # One that waits for slow clients must not keep others waiting.
            if job.processor_seconds() > self._allowance(job) or job.paused:
                self._short.discard(job)
                self._long.add(job)
        while len(self._long) > self._settings.long_processes:
            max(self._long, key=lambda job: (job.paused, job.form not in self._costs, -job.arrived)).evict()
        self._breed()
        self._next()
        self._share()
        self._look_later()

    def _share(self) -> None:
        """Let long queries go on where short ones leave processors free.

        Those of a form that was answered before go first, then those that had least time so far.

        One look in four is for the oldest of them, whatever else goes on, so that none waits for ever.
        """
        if not self._long:
            return
        room = _PROCESSORS - len(self._short)
        waiting = sorted(self._long, key=lambda job: (job.form not in self._costs, job.processor_seconds()))
        if self._looks % 4 == 0:
            room = max(1, room)
            oldest = min(waiting, key=lambda job: job.arrived)
            waiting.remove(oldest)
            waiting.insert(0, oldest)
        for place, job in enumerate(waiting):
            if job.worker is not None:
                job.worker.hold(on=place >= room)

    def gauges(self) -> dict[str, float]:
        """What goes on at this moment, as numbers by name."""
        return {
            "queries_short": len(self._short),
            "queries_long": len(self._long),
            "queries_waiting": len(self._waiting),
            "query_processes": len(self._workers),
        }

    async def aclose(self) -> None:
        """End all processes; queries under way get a QueryCrashed."""
        if self._closed:
            return
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
        for worker in [*self._workers]:
            worker.kill()
            worker.dismiss()
        await self._parent.aclose()

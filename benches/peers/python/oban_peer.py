"""oban, the one for Python."""

import uvloop
from oban import Oban, worker
from oban.schema import install_sql

import protocol


@worker(queue="default")
class NoOp:
    async def process(self, _job):
        protocol.ran()


def job():
    return NoOp.new({"text": protocol.PAYLOAD})


class Peer:
    def __init__(self, pool, best):
        self.pool = pool
        self.best = best
        self.client = Oban(pool=pool, name="client")

    async def set_up(self):
        async with self.pool.connection() as conn:
            await conn.execute(install_sql())

    async def enqueue(self):
        await self.client.enqueue(job())

    async def enqueue_many(self, jobs):
        return len(await self.client.enqueue_many([job() for _ in range(jobs)]))

    async def start(self):
        # A queue's limit is also what one fetch takes; the default of a producer is 10.
        queues = {"default": 500 if self.best else 10}
        return await Oban(pool=self.pool, name="worker", queues=queues).start()

    async def stop(self, running):
        await running.stop()


async def make(order):
    pool = await Oban.create_pool(
        order.database, min_size=1, max_size=max(order.producers, 10) + 4
    )
    return Peer(pool, order.best)


# What its own command runs on.
protocol.run(make, main=uvloop.run)

"""procrastinate."""

import asyncio

import procrastinate

import protocol


class Peer:
    def __init__(self, app, best):
        self.app = app
        self.best = best

        @app.task(name="no_op")
        async def no_op(text):
            protocol.ran()

        self.task = no_op

    async def set_up(self):
        await self.app.schema_manager.apply_schema_async()

    async def enqueue(self):
        await self.task.defer_async(text=protocol.PAYLOAD)

    async def enqueue_many(self, jobs):
        rows = [{"text": protocol.PAYLOAD}] * jobs
        return len(await self.task.batch_defer_async(*rows))

    async def start(self):
        # More at a time than its default of one; jobs are fetched one by one either way.
        more = {"concurrency": 24} if self.best else {}
        work = self.app.run_worker_async(install_signal_handlers=False, **more)
        return asyncio.create_task(work)

    async def stop(self, worker):
        worker.cancel()
        await asyncio.gather(worker, return_exceptions=True)


async def make(order):
    connector = procrastinate.PsycopgConnector(
        conninfo=order.database, min_size=1, max_size=max(order.producers, 24) + 2
    )
    app = procrastinate.App(connector=connector)
    await app.open_async()
    return Peer(app, order.best)


protocol.run(make)

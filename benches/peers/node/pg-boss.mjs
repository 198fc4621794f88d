// pg-boss.

import { PgBoss } from "pg-boss";
import { payload, ran, run } from "./protocol.mjs";

const QUEUE = "no_op";

run(async (order) => {
  const boss = new PgBoss({
    connectionString: order.database,
    max: Math.max(order.producers, 10),
    useListenNotify: order.best,
  });
  boss.on("error", (error) => console.error(error));
  await boss.start();
  const handler = async (jobs) => jobs.forEach(ran);
  // The next batch follows at once while batches are full; an idle worker is told.
  const best = { batchSize: 500, localConcurrency: 4, burstWhenBatchFull: true };
  return {
    setUp: () => boss.createQueue(QUEUE, { notify: order.best }),
    enqueue: () => boss.send(QUEUE, { text: payload }),
    async enqueueMany(jobs) {
      const inserts = Array.from({ length: jobs }, () => ({ data: { text: payload } }));
      const ids = await boss.insert(QUEUE, inserts, { returnId: true });
      return ids?.length ?? 0;
    },
    start: () => (order.best ? boss.work(QUEUE, best, handler) : boss.work(QUEUE, handler)),
    stop: () => boss.offWork(QUEUE, { wait: true }),
  };
});

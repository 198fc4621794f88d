// graphile-worker, the one for Node.

import { Logger, makeWorkerUtils, run as runWorker } from "graphile-worker";
import pg from "pg";
import { payload, ran, run } from "./protocol.mjs";

const logger = new Logger(() => (level, message) => {
  if (level === "error") {
    console.error(message);
  }
});

run(async (order) => {
  // As many connections as producers, or its own number; a worker's pool has them, too.
  const pgPool = new pg.Pool({
    connectionString: order.database,
    max: Math.max(order.producers, 10),
  });
  pgPool.on("error", (error) => console.error(error));
  pgPool.on("connect", (client) => client.on("error", (error) => console.error(error)));
  let utils = null;
  const client = async () => {
    utils ??= await makeWorkerUtils({ pgPool, logger });
    return utils;
  };
  const taskList = { no_op: ran };
  // What its documentation calls its high-performance settings: jobs are fetched into a queue in
  // the process and completed in batches.
  const best = {
    worker: {
      concurrentJobs: 24,
      localQueue: { size: 500 },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
    },
  };
  const options = { pgPool, logger, taskList, noHandleSignals: true };
  return {
    setUp: async () => (await client()).migrate(),
    enqueue: async () => (await client()).addJob("no_op", { text: payload }),
    async enqueueMany(jobs) {
      const specs = Array.from({ length: jobs }, () => ({
        identifier: "no_op",
        payload: { text: payload },
      }));
      return (await (await client()).addJobs(specs)).length;
    },
    start: () => runWorker(order.best ? { ...options, preset: best } : options),
    async stop(worker) {
      await worker.stop();
      await worker.promise;
    },
  };
});

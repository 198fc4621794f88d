// The protocol of ../README.md. A peer is an object with
//   setUp(), enqueue(), enqueueMany(jobs) -> ids that came back, start() -> worker, stop(worker),
// and `open(order)` makes one.

import { parseArgs } from "node:util";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

const PAYLOAD = 200;
const ENQUEUED_BEFORE = 10;
const PICKUPS_BEFORE = 20;
const PER_CALL = 50_000;
// A worker that takes longer to warm up is slow, and is measured all the same.
const WARM_SECONDS = 5;
const PICKUP_PATIENCE = 120_000;

export const payload = "x".repeat(PAYLOAD - 2);

let runs = 0;
let heard = null;

// What each handler calls.
export function ran() {
  runs += 1;
  if (heard) {
    heard(performance.now());
  }
}

const say = (line) =>
  new Promise((resolve) => process.stdout.write(`${line}\n`, resolve));

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

async function ready() {
  await say("ready");
  const { value } = await lines.next();
  if (value !== "go") {
    throw new Error(`\`go\` was to come, and ${value} came`);
  }
}

function answer(jobs, milliseconds, more = {}) {
  return { jobs, seconds: milliseconds / 1000, ...more };
}

function withTimes(answered, times) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.max(Math.ceil(sorted.length * share), 1) - 1];
  return sorted.length === 0
    ? answered
    : { ...answered, p50_ms: at(0.5), p95_ms: at(0.95), p99_ms: at(0.99) };
}

async function fill(peer, order) {
  const begun = performance.now();
  let ids = 0;
  for (let left = order.jobs; left > 0; left -= PER_CALL) {
    ids += await peer.enqueueMany(Math.min(left, PER_CALL));
  }
  return answer(order.jobs, performance.now() - begun, { ids });
}

async function bulk(peer, order) {
  await peer.enqueue();
  await ready();
  return fill(peer, order);
}

async function produce(peer, producers, jobs, seconds) {
  const each = Math.floor(jobs / producers);
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const times = [];
  const one = async () => {
    for (let n = 0; n < each && performance.now() < end; n += 1) {
      const asked = performance.now();
      await peer.enqueue();
      times.push(performance.now() - asked);
    }
  };
  await Promise.all(Array.from({ length: producers }, one));
  return withTimes(answer(times.length, performance.now() - begun), times);
}

async function enqueue(peer, order) {
  await produce(peer, order.producers, ENQUEUED_BEFORE * order.producers, 3600);
  await ready();
  return produce(peer, order.producers, order.jobs, order.seconds);
}

async function drain(peer, order) {
  const warming = await peer.start();
  const deadline = performance.now() + WARM_SECONDS * 1000;
  while (runs < order.warm && performance.now() < deadline) {
    await sleep(1);
  }
  await peer.stop(warming);
  const before = runs;
  await ready();
  const begun = performance.now();
  await peer.start();
  let told = 0;
  const teller = setInterval(() => {
    const count = runs - before;
    if (count !== told) {
      told = count;
      process.stdout.write(`runs ${count}\n`);
    }
  }, 1);
  await lines.next();
  clearInterval(teller);
  return answer(runs - before, performance.now() - begun);
}

// Long enough for everyone to fall asleep, and never in step with a timer.
const lull = (n) => (4_000 + ((n * 7_919) % 6_000)) / 1000;

async function pickUp(peer, jobs, seconds) {
  const end = performance.now() + seconds * 1000;
  const times = [];
  for (let n = 0; n < jobs && performance.now() < end; n += 1) {
    await sleep(lull(n));
    const moment = new Promise((resolve, reject) => {
      heard = resolve;
      setTimeout(() => reject(new Error(`job ${n} did not run`)), PICKUP_PATIENCE).unref();
    });
    const asked = performance.now();
    // The worker may well be there before the answer is.
    await peer.enqueue();
    times.push((await moment) - asked);
  }
  heard = null;
  return times;
}

async function pickup(peer, order) {
  const worker = await peer.start();
  await pickUp(peer, PICKUPS_BEFORE, order.seconds);
  await ready();
  const times = await pickUp(peer, order.jobs, order.seconds);
  await peer.stop(worker);
  const sum = times.reduce((one, other) => one + other, 0);
  return withTimes(answer(times.length, sum), times);
}

async function setUp(peer) {
  await peer.setUp();
  return answer(0, 0);
}

const ERRANDS = { "set-up": setUp, fill, enqueue, bulk, drain, pickup };

function parse() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      database: { type: "string" },
      setting: { type: "string", default: "default" },
      jobs: { type: "string", default: "0" },
      producers: { type: "string", default: "1" },
      seconds: { type: "string", default: "3600" },
      warm: { type: "string", default: "0" },
    },
  });
  return {
    errand: positionals[0],
    database: values.database,
    best: values.setting === "best",
    jobs: Number(values.jobs),
    producers: Number(values.producers),
    seconds: Number(values.seconds),
    warm: Number(values.warm),
  };
}

export async function run(open) {
  try {
    const order = parse();
    const errand = ERRANDS[order.errand];
    if (!errand) {
      throw new Error(`there is no errand ${order.errand}: ${Object.keys(ERRANDS)}`);
    }
    const answered = await errand(await open(order), order);
    await say(JSON.stringify(answered));
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
}

import { benchArrivals } from "./arrivals.ts";
import { benchConsole } from "./console.ts";
import { benchDispatch } from "./dispatch.ts";
import { benchEngine } from "./engine.ts";
import { benchQueue } from "./queue.ts";
import { benchEvents } from "./events.ts";
import { benchScheduler } from "./scheduler.ts";
import { benchSlack } from "./slack.ts";
import { markdownOf, type BenchTable } from "./table.ts";

/** All benchmarks, or those that are named: `npm run bench -- dispatch`. Figures are ratios within one run. */
const BENCHES: Record<string, () => Promise<BenchTable[]>> = {
  dispatch: benchDispatch,
  scheduler: benchScheduler,
  queue: benchQueue,
  arrivals: benchArrivals,
  engine: benchEngine,
  events: benchEvents,
  console: benchConsole,
  slack: benchSlack,
};

const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no benchmark "${unknown.join(", ")}". There are: ${Object.keys(BENCHES).join(", ")}.\n`,
  );
  process.exitCode = 2;
} else {
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (named.length > 0 && !named.includes(name)) continue;
    for (const table of await bench()) process.stdout.write(`${markdownOf(table)}\n`);
  }
}

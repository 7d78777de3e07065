import { signedIn } from "./console-client.ts";

/**
 * A process of its own, so that what browsers cost themselves does not count as the console's: so many browsers look
 * at the page of the channel and at the list of runs, and fetch them again when told, as the console's script does.
 * Arguments: the printed address, how many. Sends "open" once all of them listen.
 */
const QUIET_MS = 250;
const LIST_SPREAD_MS = 1000;
const PLACES = [
  { path: "/chat/work", topics: "channel:work thread:work/lobby" },
  { path: "/runs", topics: "runs" },
] as const;

const [url = "", count = "0"] = process.argv.slice(2);

async function browse(place: (typeof PLACES)[number]): Promise<void> {
  const client = await signedIn(url);
  let busy = false;
  let due = false;
  const refresh = async (): Promise<void> => {
    due = busy;
    if (busy) return;
    busy = true;
    await client.get(place.path);
    setTimeout(() => {
      busy = false;
      if (due) void refresh();
    }, QUIET_MS);
  };
  await client.get(place.path);
  let timer: NodeJS.Timeout | undefined;
  await client.listen(place.topics, () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      void refresh();
    }, Math.random() * LIST_SPREAD_MS);
  });
}

process.on("disconnect", () => process.exit(0));
for (let n = 0; n < Number(count); n += 1) await browse(PLACES[n % PLACES.length] ?? PLACES[0]);
process.send?.("open");

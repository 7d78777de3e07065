import { soakDiscord } from "./soak-discord.ts";
import { soakSlack } from "./soak-slack.ts";
import { markdownOf } from "./table.ts";

/** Long trials of a surface on a clock that runs faster: `npm run soak -- slack`. Ends with 1 where a promise was broken. */
const SOAKS: Record<string, typeof soakSlack> = { slack: soakSlack, discord: soakDiscord };

const [name = ""] = process.argv.slice(2);
const soak = SOAKS[name];
if (soak === undefined) {
  process.stderr.write(`Name one of: ${Object.keys(SOAKS).join(", ")}.\n`);
  process.exitCode = 2;
} else {
  const { tables, broken } = await soak();
  for (const table of tables) process.stdout.write(`${markdownOf(table)}\n`);
  for (const promise of broken) process.stderr.write(`BROKEN: ${promise}\n`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

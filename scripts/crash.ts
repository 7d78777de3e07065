import { execa } from "execa";

/** `npm run crash -- 1000`: the crash test with so many kills; without a number, a thousand. */
const kills = Number(process.argv[2] ?? "1000");
if (!Number.isSafeInteger(kills) || kills < 1) {
  process.stderr.write("A number of kills was expected, for example: npm run crash -- 1000\n");
  process.exit(2);
}
const { exitCode } = await execa({
  stdio: "inherit",
  preferLocal: true,
  reject: false,
  env: { COXSWAIN_TEST_KILLS: String(kills) },
})`vitest run test/crash`;
process.exit(exitCode ?? 1);

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { createCommandRuntime } from "../../../adapters/runtime/command/command-runtime.ts";
import { createMask } from "../../../adapters/runtime/command/secret-mask.ts";
import { script, workerOrder } from "./worker-order.ts";

// Put together here, so that no scanner takes this file for a leak.
const GITHUB = `ghp_${"aB3".repeat(12)}`;
const SLACK = ["xoxb", "12345678901", "12345678901", "abcdefghijklmnopqrstuvwx"].join("-");
const KEY = ["-----BEGIN RSA PRIVATE", "KEY-----\n"].join(" ") + "MIIEowIBAAKCAQEA\n".repeat(5);
const KEY_END = ["-----END RSA PRIVATE", "KEY-----"].join(" ");

const log = pino({ level: "silent" });
const environment = {
  MY_TOKEN: "correct horse/battery",
  PASSWORD: "short",
  HOME: "/home/someone",
  API_KEY: 'quo"ted-value',
};
const mask = createMask(environment, log);

describe("what is masked", () => {
  it.each([
    ["tokens of known services", `a ${GITHUB} b ${SLACK} c`, "a [redacted] b [redacted] c"],
    ["passwords in addresses", "https://me:hunter2hunter2@git.internal.net/x", "[redacted]/x"],
    ["private keys", `before\n${KEY}${KEY_END}\nafter`, "before\n[redacted]\nafter"],
    ["private keys that are cut off", `before\n${KEY}`, "before\n[redacted]"],
    ["the bot's secret variables", "got correct horse/battery.", "got [redacted]."],
    ["the bot's secret variables inside JSON", '{"a":"quo\\"ted-value"}', '{"a":"[redacted]"}'],
    ["although a comment says not to", `secretlint-disable\n${GITHUB}`, "secretlint-disable\n[redacted]"],
    ["nothing else", "short /home/someone 0123456789abcdef", "short /home/someone 0123456789abcdef"],
  ])("%s", async (_, text, expected) => {
    expect(await mask(text)).toBe(expected);
  });
});

describe("secrets that a worker prints", () => {
  const runtime = createCommandRuntime({
    environment: { ...environment, PATH: process.env["PATH"] },
    log,
    graceMs: 200,
  });

  it("reach neither the log, nor the tail, nor a finding", async () => {
    const finding = {
      type: "finding",
      code: "demo.leak",
      severity: "high",
      text: { kind: "key", key: "x", params: { token: GITHUB } },
      evidence: [{ kind: "file", path: "a", excerpt: `url = ${SLACK}` }],
    };
    // Escaped, as some JSON writers do: the line itself does not look like a secret.
    const line = JSON.stringify(finding).replaceAll("ghp_", "\\u0067hp_");
    const lines = [line, `log ${GITHUB}`, "correct horse/battery", `{"type":"fact","name":"f","value":"${SLACK}"}`];
    const order = await workerOrder(script(`process.stdout.write(${JSON.stringify(lines.join("\n"))})`));
    const result = await runtime.run(order, () => undefined, new AbortController().signal);
    const kept = await readFile(join(order.artifactFolder, "output.log"), "utf8");
    expect(kept).toBe("log [redacted]\n[redacted]\n");
    expect(result.outputTail).toBe(kept);
    expect(result.facts).toEqual({ f: "[redacted]" });
    expect(result.findings).toMatchObject([
      { text: { params: { token: "[redacted]" } }, evidence: [{ excerpt: "url = [redacted]" }] },
    ]);
  });

  it("are found in a key that arrives line by line", async () => {
    const lines = ["before", ...KEY.trimEnd().split("\n"), KEY_END, "after"];
    const order = await workerOrder(
      script(`(async () => { for (const line of ${JSON.stringify(lines)}) {
        await new Promise((resolve) => process.stdout.write(line + "\\n", resolve));
        await new Promise((resolve) => setTimeout(resolve, 10));
      } })()`),
    );
    const result = await runtime.run(order, () => undefined, new AbortController().signal);
    expect(result.outputTail).toBe("before\n[redacted]\nafter\n");
  });
});

import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startChild } from "./child.ts";
import { createEmbeddedHarness, type EmbeddedHarness } from "./engine-harness.ts";

const HOLD_ROOT = new URL("./hold-root.ts", import.meta.url);

describe("a state root", () => {
  let harness: EmbeddedHarness;
  beforeEach(async () => {
    harness = await createEmbeddedHarness();
  });
  afterEach(() => harness.dispose());

  it("is refused to a second process, with the holder's pid and what to do", async () => {
    await harness.open();
    const second = startChild(HOLD_ROOT, harness.root);
    await second.ended;
    expect(second.printed.join("\n")).toContain(`process ${process.pid} (since 20`);
    expect(second.printed.join("\n")).toContain(`The state folder ${harness.root} is in use`);
    expect(second.printed.join("\n")).toContain("--state-root");
  });

  it("is refused to a second engine of the same process", async () => {
    await harness.open();
    await expect(harness.open()).rejects.toMatchObject({ code: "engine.root_in_use", retryable: false });
  });

  it("is free again when its holder was killed", async () => {
    const holder = startChild(HOLD_ROOT, harness.root);
    expect(await once(holder.lines, "line")).toEqual(["holding"]);
    await expect(harness.open()).rejects.toThrow(`process ${holder.process.pid}`);
    holder.process.kill("SIGKILL");
    await holder.ended;
    await harness.open();
  });

  it("is free again when its holder closed it", async () => {
    const holder = startChild(HOLD_ROOT, harness.root);
    await once(holder.lines, "line");
    holder.process.stdin?.end();
    await holder.ended;
    expect(holder.process.exitCode).toBe(0);
    await harness.open();
  });
});

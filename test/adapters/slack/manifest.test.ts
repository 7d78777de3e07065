import { expect, test } from "vitest";
import { BOT_SCOPES, slackManifest } from "../../../adapters/slack/manifest.ts";
import { LIMITS } from "../../../adapters/slack/limits.ts";
import { SHORTCUTS } from "../../../adapters/slack/talk.ts";
import { runCli } from "../../../src/cli/run-cli.ts";
import { createFakeWorld } from "../../fakes/fake-world.ts";

const WORDS = { description: "d", usage: "u", runMessage: "Run with Coxswain", runStatus: "Run status" };

test("asks for what is used, and for nothing that is not", () => {
  const manifest = JSON.stringify(slackManifest(WORDS));
  for (const scope of BOT_SCOPES) expect(manifest).toContain(`"${scope}"`);
  for (const scope of ["chat:write.public", "channels:join", "users:read.email", "admin", "im:write"]) {
    expect(manifest).not.toContain(`"${scope}"`);
  }
  for (const name of Object.values(SHORTCUTS)) expect(manifest).toContain(name);
  expect(slackManifest(WORDS)).toMatchObject({ settings: { socket_mode_enabled: true } });
});

test("by HTTP everything goes to one address", () => {
  const url = "https://bot.example/slack/events";
  expect(slackManifest(WORDS, url)).toMatchObject({
    features: { slash_commands: [{ url }] },
    settings: {
      event_subscriptions: { request_url: url },
      interactivity: { request_url: url },
      socket_mode_enabled: false,
    },
  });
});

test.each([["en"], ["zh-CN"]])(
  "coxswain slack manifest prints it alone on standard output, in %s",
  async (language) => {
    const world = createFakeWorld(["slack", "manifest", "--language", language]);
    await expect(runCli(world)).resolves.toBe(0);
    const { features } = JSON.parse(world.written.out);
    expect(world.written.err).toContain("https://api.slack.com/apps");
    // Slack's own limits for names and descriptions.
    for (const { name } of features.shortcuts) expect(name.length).toBeLessThanOrEqual(LIMITS.viewTitle);
    for (const { usage_hint, description } of features.slash_commands) {
      expect(usage_hint.length).toBeLessThanOrEqual(1000);
      expect(description.length).toBeLessThanOrEqual(140);
    }
  },
);

test("an address without TLS is refused", async () => {
  const world = createFakeWorld(["slack", "manifest", "--url", "http://bot.example"]);
  await expect(runCli(world)).resolves.toBe(2);
  expect(world.written.err).toContain("https://");
});

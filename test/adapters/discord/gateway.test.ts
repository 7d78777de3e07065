import { afterEach, beforeEach, expect, test } from "vitest";
import { createGateway, type Gateway } from "../../../adapters/discord/gateway.ts";
import { createLog } from "../../../src/log.ts";
import { aDiscord, type FakeDiscord } from "../../fakes/discord/discord.ts";
import { createFakeClock } from "../../fakes/fake-clock.ts";
import { eventually } from "../../fixtures/eventually.ts";

let discord: FakeDiscord;
beforeEach(async () => {
  discord = await aDiscord();
});
afterEach(() => discord.stop());

function aGateway(): Gateway {
  return createGateway({
    token: "a-token",
    api: discord.api,
    messageContent: false,
    clock: createFakeClock(),
    log: createLog("silent"),
    onInteraction: () => undefined,
    onMessage: () => undefined,
    onReady: () => undefined,
    onRefused: () => undefined,
    onClosed: () => undefined,
  });
}

test("stopped while it is being connected, it ends at once and is not connected for long", async () => {
  const gateway = aGateway();
  gateway.start();
  await eventually(() => expect(discord.gateway.counts.identified).toBe(1));
  await gateway.stop();
  await eventually(() => expect(discord.gateway.open()).toBe(0));
  expect(gateway.isConnected()).toBe(false);
});

test("stopped while the connection is away, it is not connected again when Discord is back", async () => {
  const gateway = aGateway();
  gateway.start();
  await eventually(() => expect(gateway.isConnected()).toBe(true));
  discord.gateway.refuse(true);
  await eventually(() => expect(gateway.isConnected()).toBe(false));
  await gateway.stop();
  discord.gateway.refuse(false);
  // The library tries once more by itself; then it is over.
  await eventually(() => expect(discord.gateway.counts.resumed).toBe(1));
  await eventually(() => expect(discord.gateway.open()).toBe(0));
});

import { createHmac } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { cardIn } from "../../fakes/slack/shown.ts";
import { aSlack, HOME, type SlackPlane } from "../../fixtures/slack.ts";

const SECRET = "a-signing-secret";
const planes: SlackPlane[] = [];
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.close()));
});

async function here(): Promise<SlackPlane> {
  const by = { mode: "http", signingSecret: SECRET, host: "127.0.0.1", port: 0 } as const;
  const plane = await aSlack({}, { by });
  planes.push(plane);
  plane.slack.users.set("U0ADA", { name: "Ada" });
  return plane;
}

interface How {
  readonly offsetMs?: number;
  readonly secret?: string;
  readonly type?: string;
  readonly headers?: Record<string, string>;
}

function send(plane: SlackPlane, body: string, how: How = {}): Promise<Response> {
  const time = `${Math.floor((plane.plane().clock.now() + (how.offsetMs ?? 0)) / 1000)}`;
  const signature = `v0=${createHmac("sha256", how.secret ?? SECRET)
    .update(`v0:${time}:${body}`)
    .digest("hex")}`;
  return fetch(`http://127.0.0.1:${plane.connection().port()}/slack/events`, {
    method: "POST",
    body,
    headers: {
      "content-type": how.type ?? "application/json",
      "x-slack-signature": signature,
      "x-slack-request-timestamp": time,
      ...how.headers,
    },
  });
}

const mention = (plane: SlackPlane, ts: string): string =>
  JSON.stringify({
    type: "event_callback",
    team_id: plane.slack.bot.team,
    event_id: `Ev-${ts}`,
    event: {
      type: "app_mention",
      user: "U0ADA",
      channel: HOME,
      ts,
      text: `<@${plane.slack.bot.user}> run please check the house`,
    },
  });
const runs = async (plane: SlackPlane) => (await plane.plane().agent.runs({ limit: 5, offset: 0 })).total;

describe("Slack by HTTP", () => {
  test("proves its address, and a signed event is a run", async () => {
    const plane = await here();
    const proof = await send(plane, JSON.stringify({ type: "url_verification", challenge: "prove it" }));
    expect(await proof.json()).toEqual({ challenge: "prove it" });
    expect((await send(plane, mention(plane, "1.1"))).status).toBe(200);
    await plane.message(HOME, (message) => cardIn(message)?.kind === "decision");
  });

  test.each([
    ["signed with another secret", { secret: "another" }],
    ["too old", { offsetMs: -6 * 60_000 }],
    ["from the future", { offsetMs: 6 * 60_000 }],
    ["without a time", { headers: { "x-slack-request-timestamp": "soon" } }],
  ] satisfies [string, How][])("what is %s is not taken", async (_, how) => {
    const plane = await here();
    expect((await send(plane, mention(plane, "1.1"), how)).status).toBe(401);
    expect(await runs(plane)).toBe(0);
  });

  test("the same request sent again by somebody who saw it is not taken", async () => {
    const plane = await here();
    const body = mention(plane, "1.1");
    expect((await send(plane, body)).status).toBe(200);
    expect((await send(plane, body)).status).toBe(401);
  });

  test("a retry of Slack's, signed anew, is acknowledged and acts once", async () => {
    const plane = await here();
    expect((await send(plane, mention(plane, "1.1"))).status).toBe(200);
    const headers = { "x-slack-retry-num": "1", "x-slack-retry-reason": "http_timeout" };
    expect((await send(plane, mention(plane, "1.1"), { offsetMs: 1000, headers })).status).toBe(200);
    expect(await runs(plane)).toBe(1);
  });

  test("/cox is answered in the same breath", async () => {
    const plane = await here();
    const fields = {
      command: "/cox",
      text: "queue",
      user_id: "U0ADA",
      channel_id: HOME,
      team_id: plane.slack.bot.team,
      trigger_id: "t1",
    };
    const answer = await send(plane, new URLSearchParams(fields).toString(), {
      type: "application/x-www-form-urlencoded",
    });
    expect(await answer.json()).toMatchObject({ response_type: "ephemeral", text: expect.stringContaining("Running") });
  });

  test("what is no JSON, too large or no POST is refused", async () => {
    const plane = await here();
    expect((await send(plane, "{")).status).toBe(400);
    expect((await send(plane, "x".repeat(1_100_000))).status).toBe(413);
    expect((await fetch(`http://127.0.0.1:${plane.connection().port()}/`)).status).toBe(404);
  });
});

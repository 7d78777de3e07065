import { afterEach, describe, expect, test } from "vitest";
import { Command } from "../../src/contracts/command.ts";
import type { Actor } from "../../src/contracts/id.ts";
import type { Role } from "../../src/contracts/role.ts";
import { translatorFor } from "../../src/i18n.ts";
import { authorize, refusalsFrom, rolesFrom } from "../../src/metaagent/authorize.ts";
import { whoMayFrom, whoMayText } from "../../src/metaagent/who-may.ts";
import { DEFAULTS } from "../../src/settings.ts";
import { aTask, type ControlPlane } from "../fixtures/control-plane.ts";
import { RUNS } from "../fixtures/runs.ts";
import { aPlane, isWaiting, until } from "../fixtures/planes.ts";

const run = RUNS.executing;
const OWNER: Actor = run.task.requestedBy;
const OTHER: Actor = { surface: "web", user: "somebody" };
const base = { id: "c", runId: run.runId };

const TENANT = { kind: "tenant", name: "team" };
const COMMANDS = {
  "run.start": (by: Actor) => Command.parse({ kind: "run.start", id: "c", by, task: aTask({ requestedBy: by }) }),
  "decision.answer": (by: Actor) => Command.parse({ ...base, kind: "decision.answer", by, answers: "recommended" }),
  "decision.select": (by: Actor) =>
    Command.parse({ ...base, kind: "decision.select", by, decisionId: "dec_selected0_1" }),
  "decision.undo": (by: Actor) => Command.parse({ ...base, kind: "decision.undo", by }),
  "run.cancel": (by: Actor) => Command.parse({ ...base, kind: "run.cancel", by }),
  "run.message": (by: Actor) => Command.parse({ ...base, kind: "run.message", by, text: "hello" }),
  "language.set": (by: Actor) => Command.parse({ ...base, kind: "language.set", by, language: "en" }),
  "dead_letter.retry": (by: Actor) => Command.parse({ ...base, kind: "dead_letter.retry", by }),
  "dead_letter.discard": (by: Actor) => Command.parse({ ...base, kind: "dead_letter.discard", by, reason: "old" }),
  "queue.pause": (by: Actor) => Command.parse({ id: "c", kind: "queue.pause", by, target: TENANT }),
  "queue.resume": (by: Actor) => Command.parse({ id: "c", kind: "queue.resume", by, target: TENANT }),
  "queue.raise": (by: Actor) => Command.parse({ id: "c", kind: "queue.raise", by, target: TENANT }),
  "queue.lower": (by: Actor) => Command.parse({ id: "c", kind: "queue.lower", by, target: TENANT }),
  "queue.weigh": (by: Actor) => Command.parse({ id: "c", kind: "queue.weigh", by, tenant: "team", weight: 2 }),
  "queue.drain": (by: Actor) => Command.parse({ id: "c", kind: "queue.drain", by }),
  "queue.undrain": (by: Actor) => Command.parse({ id: "c", kind: "queue.undrain", by }),
} satisfies Record<Command["kind"], (by: Actor) => Command>;
const KINDS = Object.keys(COMMANDS) as Command["kind"][];

const allowed = (kind: Command["kind"], by: Actor, roles: readonly Role[]): boolean =>
  authorize(COMMANDS[kind](by), kind === "run.start" ? undefined : run, {
    rolesOf: () => new Set(roles),
    whoMay: () => [],
  }) === undefined;

describe("who may do what", () => {
  test.each<[Command["kind"], Role[], Role[] | "always" | "never"]>([
    ["run.start", ["requester", "admin"], "never"],
    ["decision.answer", ["approver", "admin"], ["requester"]],
    ["decision.select", ["approver", "admin"], ["requester"]],
    ["decision.undo", ["approver", "admin"], ["requester"]],
    ["run.cancel", ["operator", "admin"], "always"],
    ["run.message", ["approver", "admin"], "always"],
    ["language.set", ["approver", "admin"], "always"],
    ["dead_letter.retry", ["operator", "admin"], "never"],
    ["dead_letter.discard", ["operator", "admin"], "never"],
    ["queue.pause", ["operator", "admin"], "never"],
    ["queue.weigh", ["operator", "admin"], "never"],
    ["queue.drain", ["operator", "admin"], "never"],
  ])("%s: %j; on a run of one's own: %j", (kind, roles, own) => {
    for (const role of ["requester", "approver", "operator", "admin"] as const) {
      expect({ role, may: allowed(kind, OTHER, [role]) }).toEqual({ role, may: roles.includes(role) });
      const onOwn = own === "always" || (own !== "never" && own.includes(role));
      expect({ role, own: allowed(kind, OWNER, [role]) }).toEqual({ role, own: roles.includes(role) || onOwn });
    }
    expect(allowed(kind, OTHER, [])).toBe(false);
    expect(allowed(kind, OWNER, [])).toBe(own === "always");
  });

  const whoMay = whoMayFrom(
    {
      requester: ["web:*"],
      approver: ["web:ada", "slack:U1", "*:group:S1"],
      operator: ["web:olga"],
      admin: ["web:ada", "terminal:*"],
    },
    ({ surface, user }) => ({ ada: "Ada", U1: "Uma" })[user] ?? (surface === "slack" ? `@${user}` : undefined),
  );

  test.each([
    ["web", "requester", ["Ada"]],
    ["web", "approver", ["Ada", "group:S1"]],
    ["web", "operator", ["olga", "Ada"]],
    ["slack", "approver", ["Uma", "@group:S1"]],
    ["slack", "operator", []],
  ] as const)("whom the settings name there for %s: %s", (surface, role, names) => {
    expect(whoMay(role, surface)).toEqual(names);
  });

  test.each(["en", "zh-CN"])("a refusal names the role and who has it (%s)", (language) => {
    const words = translatorFor(language);
    for (const kind of KINDS) {
      const refusal = authorize(COMMANDS[kind](OTHER), run, { rolesOf: () => new Set(), whoMay });
      if (refusal === undefined) throw new Error(`${kind} was allowed`);
      const text = words.say(refusal.message);
      const roles = (["requester", "approver", "operator"] as const).map((role) => words.t(`auth.role.${role}`));
      expect(roles.some((role) => text.includes(role))).toBe(true);
      expect(text).toContain("Ada");
      expect(text).not.toContain("auth.");
    }
  });

  test("who started the run is named where that is enough, on the same surface", () => {
    const say = (kind: Command["kind"], by: Actor): string => {
      const refusal = authorize(COMMANDS[kind](by), run, { rolesOf: () => new Set(), whoMay });
      return refusal === undefined ? "allowed" : translatorFor("en").say(refusal.message);
    };
    const owner = OWNER.displayName ?? OWNER.user;
    expect(say("run.cancel", { surface: OWNER.surface, user: "somebody" })).toContain(`Who may: ${owner}`);
    expect(say("run.cancel", { surface: "slack", user: "U2" })).toContain("Nobody here has it yet.");
    expect(say("queue.drain", { surface: "slack", user: "U2" })).not.toContain(owner);
  });

  test("many are counted, so that the sentence stays one", () => {
    const people = Array.from({ length: 30 }, (_, at) => `P${at}`);
    const text = translatorFor("en").say(whoMayText(people));
    expect(text).toContain("P7");
    expect(text).toContain("22 more");
    expect(text).not.toContain("P8");
  });

  test("a display name or the same name on another surface proves nothing", () => {
    expect(allowed("run.cancel", { ...OTHER, displayName: OWNER.user }, [])).toBe(false);
    expect(allowed("run.cancel", { surface: "elsewhere", user: OWNER.user }, [])).toBe(false);
  });
});

describe("roles from the settings", () => {
  const rolesOf = rolesFrom({
    requester: ["slack:*", "web:a*a"],
    approver: ["*:olga"],
    operator: ["web:o.ga"],
    admin: ["terminal:*"],
  });

  test.each([
    ["slack", "U1", ["requester"]],
    ["slack", "olga", ["requester", "approver"]],
    ["web", "ada", ["requester"]],
    ["web", "adam", []],
    ["web", "olga", ["approver"]],
    ["web", "o.ga", ["operator"]],
    ["slackbot", "U1", []],
    ["terminal", "a:b\nc", ["admin"]],
    ["web", "terminal:x", []],
  ])("%s:%s has %j", (surface, user, roles) => {
    expect([...rolesOf({ surface, user })]).toEqual(roles);
  });

  test("as shipped: the machine's own user may do all, two personas something, everybody else nothing", () => {
    const shipped = rolesFrom(DEFAULTS.roles);
    const of = (surface: string, user: string) => [...shipped({ surface, user })];
    expect(of("terminal", "anybody")).toEqual(["admin"]);
    expect(of("api", "automation")).toEqual(["admin"]);
    expect(of("web", "ada")).toEqual(["requester", "approver"]);
    expect(of("web", "olga")).toEqual(["requester", "approver", "operator"]);
    expect(of("web", "greta")).toEqual([]);
    expect(of("slack", "U1")).toEqual([]);
  });
});

describe("the door", () => {
  const planes: ControlPlane[] = [];
  afterEach(async () => {
    await Promise.all(planes.splice(0).map((plane) => plane.close()));
  });

  test("asks at the time of the command, so a role that was taken away is gone", async () => {
    const roles = new Map<string, ReadonlySet<Role>>([["ada", new Set(["requester"])]]);
    const plane = await aPlane({ rolesOf: ({ user }) => roles.get(user) ?? new Set() });
    const { agent } = plane;
    const ada = { surface: "web", user: "ada" };
    const start = (id: string, by: Actor) =>
      agent.handle(Command.parse({ kind: "run.start", id, by, task: aTask({ requestedBy: by }) }));

    expect(await start("s0", { surface: "web", user: "guest" })).toMatchObject({
      kind: "refused",
      code: "auth.not_allowed",
    });
    const started = await start("s1", ada);
    if (started.kind !== "accepted") throw new Error("not started");
    const { runId } = started;
    await until(plane, runId, isWaiting);
    const answer = (id: string, by: Actor) =>
      agent.handle(Command.parse({ kind: "decision.answer", id, by, runId, answers: "recommended" }));

    const guest = await answer("a0", { surface: "web", user: "guest" });
    expect(guest).toMatchObject({ kind: "refused", code: "auth.not_allowed" });
    roles.delete("ada");
    expect(await answer("a1", ada)).toMatchObject({ kind: "refused", code: "auth.not_allowed" });
    expect((await agent.run(runId))?.summary.status).toBe("waiting");
    expect(
      await agent.handle({ kind: "run.cancel", id: "x0", by: { surface: "web", user: "guest" }, runId }),
    ).toMatchObject({
      kind: "refused",
    });
    expect(await agent.handle({ kind: "run.cancel", id: "x1", by: ada, runId })).toMatchObject({ kind: "accepted" });
  });
});

test("where a rule blocks, an operator is shown that they may answer, and nobody else more than before", () => {
  const refusal = refusalsFrom(
    ({ user }) => new Set<Role>(user === "olga" ? ["operator"] : []),
    () => [],
  );
  const olga = { surface: "web", user: "olga" };
  const gus = { surface: "web", user: "gus" };
  expect(refusal("decision.answer", olga, undefined, "policy_violation")).toBeUndefined();
  expect(refusal("decision.answer", olga, undefined, "execution_confirmation")).toBeDefined();
  expect(refusal("decision.answer", gus, undefined, "policy_violation")).toBeDefined();
  expect(refusal("decision.undo", olga, undefined, "policy_violation")).toBeDefined();
});

test("who may answer and is no operator may choose everything but setting the rule aside", () => {
  const refusal = refusalsFrom(
    ({ user }) => new Set<Role>(user === "olga" ? ["operator"] : ["approver"]),
    () => [],
  );
  const olga = { surface: "web", user: "olga" };
  const ada = { surface: "web", user: "ada" };
  expect(refusal("decision.answer", ada, undefined, "policy_violation")).toBeUndefined();
  expect(refusal("decision.answer", ada, undefined, "policy_violation", "leave_out")).toBeUndefined();
  expect(refusal("decision.answer", ada, undefined, "policy_violation", "waive")).toMatchObject({
    key: "policy.waive_not_allowed",
  });
  expect(refusal("decision.answer", olga, undefined, "policy_violation", "waive")).toBeUndefined();
});

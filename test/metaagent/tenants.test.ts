import { describe, expect, test } from "vitest";
import { MetaTask, type MetaTaskInput } from "../../src/contracts/task.ts";
import { tenantsFrom, type TenantSettings } from "../../src/metaagent/tenants.ts";

function tenant(settings: Partial<TenantSettings>, task: Partial<MetaTaskInput> = {}): string {
  const requestedBy = { surface: "slack", user: "U1" };
  const given = MetaTask.parse({ goal: "go", workspace: "/w", requestedBy, ...task });
  return tenantsFrom({ by: "user", teams: {}, ...settings })(given);
}

const HOME = { surface: "slack", channel: "C9", role: "home" } as const;
const teams = { payments: ["slack:U1", "web:ada"], all: ["slack:*"] };

describe("whose share a task counts against", () => {
  test("is the one that it names, whatever the settings say", () => {
    for (const by of ["user", "channel", "team"] as const) {
      expect(tenant({ by, teams }, { tenant: "nightly", bindings: [HOME] })).toBe("nightly");
    }
  });
  test("is each person's own by user", () => expect(tenant({ teams }, { bindings: [HOME] })).toBe("slack:U1"));
  test("is the channel of the home thread by channel, and the person's own where there is none", () => {
    expect(tenant({ by: "channel" }, { bindings: [{ ...HOME, role: "mirror", channel: "x" }, HOME] })).toBe("slack:C9");
    expect(tenant({ by: "channel" })).toBe("slack:U1");
  });
  test("is the first team that fits by team, and the person's own where none does", () => {
    expect(tenant({ by: "team", teams })).toBe("payments");
    expect(tenant({ by: "team", teams }, { requestedBy: { surface: "slack", user: "U2" } })).toBe("all");
    expect(tenant({ by: "team", teams }, { requestedBy: { surface: "web", user: "gus" } })).toBe("web:gus");
  });
});

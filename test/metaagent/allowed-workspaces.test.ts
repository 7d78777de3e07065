import { describe, expect, test } from "vitest";
import { allowedWorkspaces } from "../../src/metaagent/allowed-workspaces.ts";
import { aControlPlane, aTask } from "../fixtures/control-plane.ts";

const channels = [{ surface: "slack", channel: "C1", workspace: "/srv/api" }];
const by = (surface: string) => ({ surface, user: "somebody" });

describe("which folders runs may be about", () => {
  test.each([
    ["somebody in a chat: the folder of a channel", null, "slack", "/srv/api", true],
    ["somebody in a chat: what is below it", null, "slack", "/srv/api/packages/a", true],
    ["somebody in a chat: a neighbour with the same beginning", null, "slack", "/srv/api-secrets", false],
    ["somebody in a chat: a way out of it", null, "slack", "/srv/api/../../etc", false],
    ["somebody in a chat: any other", null, "discord", "/etc", false],
    ["the console, without a list", null, "web", "/etc", true],
    ["a program with the token, without a list", null, "api", "/etc", true],
    ["the console, with a list", ["/home"], "web", "/etc", false],
    ["the console, with a list that has it", ["/home"], "web", "/home/ada/code", true],
    ["somebody in a chat, with a list that has it", ["/home"], "slack", "/home/ada/code", true],
    ["a list of everything", ["/"], "slack", "/etc", true],
    ["the terminal, whatever the list says", ["/home"], "terminal", "/etc", true],
  ] as const)("%s", (_, workspaces, surface, folder, may) => {
    expect(allowedWorkspaces({ channels, workspaces })(by(surface), folder)).toBe(may);
  });

  test("a run about another folder is refused, and nothing of it is kept", async () => {
    const plane = await aControlPlane({ mayUseWorkspace: allowedWorkspaces({ channels, workspaces: null }) });
    const task = { ...aTask({ workspace: "/etc", requestedBy: by("slack") }), args: {}, priority: 0 } as const;
    const reply = await plane.agent.handle({
      kind: "run.start",
      id: "start",
      by: by("slack"),
      task: { ...task, answers: "ask", bindings: [] },
    });
    expect(reply).toMatchObject({ kind: "refused", code: "workspace.not_allowed" });
    expect(await plane.agent.runs({ limit: 1, offset: 0 })).toEqual({ runs: [], total: 0 });
    await plane.close();
  });
});

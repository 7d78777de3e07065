import { afterEach, expect, test } from "vitest";
import { shippedCatalog } from "../../fakes/spine-walk.ts";
import { aVisitor, textIn } from "../../fixtures/browser-less.ts";
import { aConsole, type ConsolePlane } from "../../fixtures/console.ts";

let here: ConsolePlane | undefined;
afterEach(() => here?.close());

test("what the shipped agents can do is said in the language of the page", async () => {
  const catalog = await shippedCatalog();
  here = await aConsole({ catalog });
  const page = async (language: string): Promise<string> =>
    textIn((await (await aVisitor(here?.url ?? "", language)).get("/catalog")).html);
  const [english, chinese] = [await page("en"), await page("zh-CN")];
  for (const capability of catalog.agents.flatMap(({ capabilities }) => capabilities)) {
    expect(english).toContain(capability);
    expect(chinese).not.toContain(capability);
  }
});

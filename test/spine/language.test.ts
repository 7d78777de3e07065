import { expect, test } from "vitest";
import { detectLanguage, resolveLanguage } from "../../src/spine/language.ts";

const SHIPPED = ["en", "zh-CN"];

test.each([
  ["check the health of this repository", "en"],
  ["please look at the dependencies and tests", "en"],
  ["检查这个仓库的健康状况", "zh-CN"],
  ["检查 repository 的 health", "zh-CN"],
  ["运行 repository-health", "zh-CN"],
  ["Please check the health of the repo called 项目 for me", "en"],
])("%s is %s", (text, language) => {
  expect(detectLanguage(text, SHIPPED)).toBe(language);
});

test.each([
  ["ok"],
  ["A"],
  ["1 b, 2 c"],
  ["git status --short"],
  ["`const health = check(repository)`"],
  ["src/main.ts package.json README.md"],
  ["prüfe bitte den Zustand dieses Repositories"],
  ["vérifie la santé de ce dépôt"],
  ["これは日本語の文章です"],
  [""],
])("%j is no sure sign of a shipped language", (text) => {
  expect(detectLanguage(text, SHIPPED)).toBeUndefined();
});

test("a long text is known by its beginning, at once, also where code stands before it", () => {
  const begun = performance.now();
  expect(detectLanguage("检查这个仓库的健康状况".repeat(2000), SHIPPED)).toBe("zh-CN");
  expect(detectLanguage("please look at the dependencies and tests ".repeat(500), SHIPPED)).toBe("en");
  expect(detectLanguage("x".repeat(20_000), SHIPPED)).toBeUndefined();
  expect(detectLanguage(`\`\`\`\n${"const a = 1;\n".repeat(200)}\`\`\`\n检查这个仓库的健康状况`, SHIPPED)).toBe(
    "zh-CN",
  );
  for (const piece of [":", "/", "-a", ".a", "`", "これ", "检 "]) detectLanguage(piece.repeat(20_000), SHIPPED);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test("the stronger source wins, in the order of the protocol", () => {
  const clues = {
    toolSelected: "zh",
    explicit: "en",
    latestInput: "请检查仓库",
    environment: "en_US",
    shipped: SHIPPED,
  };
  expect(resolveLanguage(clues)).toEqual({ language: "zh-CN", source: "tool_selected" });
  expect(resolveLanguage({ ...clues, toolSelected: undefined })).toEqual({
    language: "en",
    source: "explicit_output_choice",
  });
  expect(resolveLanguage({ ...clues, toolSelected: undefined, explicit: undefined })).toEqual({
    language: "zh-CN",
    source: "latest_user_input",
  });
  expect(resolveLanguage({ latestInput: "ok", environment: "zh_CN", shipped: SHIPPED })).toEqual({
    language: "zh-CN",
    source: "environment",
  });
  expect(resolveLanguage({ shipped: SHIPPED })).toEqual({ language: "en", source: "not_resolved" });
});

test("a language that is not shipped leaves the word to the next source", () => {
  expect(resolveLanguage({ explicit: "fr", environment: "zh-CN", shipped: SHIPPED })).toEqual({
    language: "zh-CN",
    source: "environment",
  });
});

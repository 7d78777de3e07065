import { expect, test } from "vitest";
import { createMailbox } from "../src/mailbox.ts";

test("the newest message under a key takes the place of the one that waits, and keeps its turn", async () => {
  const box = createMailbox<number>();
  box.put("a", 1);
  box.put("b", 2);
  box.put("a", 3);
  expect(await box.take()).toEqual({ kind: "message", message: 3 });
  box.put("a", 4);
  expect(await box.take()).toEqual({ kind: "message", message: 2 });
  expect(await box.take()).toEqual({ kind: "message", message: 4 });
});

test("a taker that came first gets what comes next; a sign of life comes after what there is to say", async () => {
  const box = createMailbox<string>();
  const taken = box.take();
  box.put("a", "news");
  expect(await taken).toEqual({ kind: "message", message: "news" });
  box.beat();
  box.beat();
  box.put("a", "more");
  expect(await box.take()).toEqual({ kind: "message", message: "more" });
  expect(await box.take()).toEqual({ kind: "beat" });
});

test("a closed one gives nothing more, and wakes who waits", async () => {
  const box = createMailbox<string>();
  const taken = box.take();
  box.close();
  expect(await taken).toBeUndefined();
  box.put("a", "late");
  expect(await box.take()).toBeUndefined();
});

import { expect, test } from "vitest";
import { createSerial } from "../src/serial.ts";

test("tasks of one key run one after the other, those of another key meanwhile", async () => {
  const serial = createSerial();
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const task = (name: string, until: Promise<void>) => async () => {
    await until;
    order.push(name);
  };
  const all = [
    serial.run("a", task("first", first.promise)),
    serial.run("a", task("second", Promise.resolve())),
    serial.run("b", task("beside", Promise.resolve())),
  ];
  await all[2];
  first.resolve();
  await Promise.all(all);
  expect(order).toEqual(["beside", "first", "second"]);
});

test("one that fails tells whoever asked for it, and holds up none behind it", async () => {
  const serial = createSerial();
  const failing = serial.run("a", () => Promise.reject(new Error("no room")));
  const next = serial.run("a", async () => "done");
  await expect(failing).rejects.toThrow("no room");
  expect(await next).toBe("done");
});

test("it is idle when what was asked for meanwhile is done as well", async () => {
  const serial = createSerial();
  const done: string[] = [];
  void serial.run("a", async () => {
    void serial.run("a", async () => void done.push("asked for meanwhile"));
    done.push("first");
  });
  await serial.idle();
  expect(done).toEqual(["first", "asked for meanwhile"]);
});

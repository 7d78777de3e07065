import { crc32, inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { smallPng } from "../../scripts/small-png.ts";

/** Chunks by type; throws where a checksum is wrong. */
function chunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < png.length;) {
    const size = png.readUInt32BE(at);
    const named = png.subarray(at + 4, at + 8 + size);
    if (crc32(named) !== png.readUInt32BE(at + 8 + size)) throw new Error("a checksum is wrong");
    chunks.set(named.toString("latin1", 0, 4), named.subarray(4));
    at += 12 + size;
  }
  return chunks;
}

/** The colours of a picture with a palette, row by row. */
function coloursOf(png: Buffer): number[][] {
  const chunks = chunksOf(png);
  const [head, palette, data] = ["IHDR", "PLTE", "IDAT"].map((type) => chunks.get(type) ?? Buffer.alloc(0));
  if (head === undefined || palette === undefined || data === undefined) throw new Error("a chunk is missing");
  const [width, height] = [head.readUInt32BE(0), head.readUInt32BE(4)];
  const rows = inflateSync(data);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => palette.readUIntBE((rows[y * (width + 1) + x + 1] ?? 0) * 3, 3)),
  );
}

function rgba(colours: readonly number[]): Uint8Array {
  return Uint8Array.from(colours.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255, 255]));
}

test("a picture of few colours is as it was", () => {
  const colours = [0xffffff, 0x0b6266, 0x000000, 0xffffff, 0xda373c, 0x123456];
  const png = smallPng({ width: 3, height: 2, rgba: rgba(colours) });
  expect(coloursOf(png)).toEqual([colours.slice(0, 3), colours.slice(3)]);
});

test("of a picture of many colours the frequent ones are as they were, and each other one is near", () => {
  const shades = Array.from({ length: 300 }, (_, at) => at * 256 + 1);
  const colours = [...shades, ...shades.slice(0, 100)];
  const drawn = coloursOf(smallPng({ width: 20, height: 20, rgba: rgba(colours) })).flat();
  expect(drawn.slice(0, 100)).toEqual(colours.slice(0, 100));
  const channels = (colour: number): number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];
  const distances = drawn.map((colour, at) => {
    const wanted = channels(colours[at] ?? 0);
    return Math.max(...channels(colour).map((value, channel) => Math.abs(value - (wanted[channel] ?? 0))));
  });
  expect(new Set(drawn).size).toBe(256);
  expect(Math.max(...distances)).toBeLessThan(50);
});

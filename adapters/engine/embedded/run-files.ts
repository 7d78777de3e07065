import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../../../src/errors.ts";
import type { RunFiles } from "../../../src/ports.ts";
import { isMissing, makeFolder, replaceFile } from "../../files.ts";
import { layoutOf } from "./layout.ts";
import { pathIn, plainPathIn } from "./plain-path.ts";
import { sealFolder } from "./seal.ts";
import { createSerial } from "../../../src/serial.ts";

/** So many runs are remembered with what was last projected of them; a forgotten one is written once more. */
const REMEMBERED = 1000;
/** The key of the root's own files; no run id looks like it. */
const SHARED = "shared";

function readIfThere(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** Files of runs below a state root. Names are relative to the run's folder; all methods refuse ones that lead out. */
export function createRunFiles(root: string): RunFiles {
  const layout = layoutOf(root);
  const serial = createSerial();
  const projected = new Map<string, Map<string, string>>();

  /** A run that is just being archived stands for a moment only behind its pending link, and then in its place again. */
  const placesOf = (runId: string): string[] => {
    const folder = layout.runFolder(runId);
    return [folder, layout.pendingLink(runId), folder];
  };

  const remembered = (key: string): Map<string, string> => {
    const known = projected.get(key) ?? new Map<string, string>();
    // Moved to the end, so that the first is the one that has rested longest.
    projected.delete(key);
    projected.set(key, known);
    const oldest = projected.keys().next().value;
    if (projected.size > REMEMBERED && oldest !== undefined) projected.delete(oldest);
    return known;
  };

  const projectInto = async (places: readonly string[], key: string, files: Record<string, string>): Promise<void> => {
    const known = remembered(key);
    for (const [name, content] of Object.entries(files)) {
      const hash = createHash("sha256").update(content).digest("base64");
      if (known.get(name) === hash) continue;
      // Forgotten first: after a failure nobody knows what stands there.
      known.delete(name);
      await writeProjection(places, refuseDocument(name), content);
      known.set(name, hash);
    }
  };

  return {
    async artifactFolder(runId, namespace) {
      const path = await plainPathIn(layout.runFolder(runId), `artifacts/${namespace}`);
      await makeFolder(path);
      return path;
    },
    async writeArtifact(runId, name, content) {
      const folder = layout.runFolder(runId);
      const path = await plainPathIn(folder, refuseDocument(name));
      await makeFolder(dirname(path));
      await replaceFile({ path, content, flush: true, tempFolder: folder });
      const data = Buffer.from(content);
      return { path: name, sha256: createHash("sha256").update(data).digest("hex"), bytes: data.length };
    },
    async sealArtifacts(runId, namespace) {
      const folder = layout.runFolder(runId);
      return sealFolder(await plainPathIn(folder, `artifacts/${namespace}`), folder);
    },
    async readArtifact(runId, path) {
      for (const folder of placesOf(runId)) {
        const content = await readIfThere(await plainPathIn(folder, path));
        if (content !== undefined) return content;
      }
      return undefined;
    },
    async removeArtifact(runId, path) {
      await rm(await plainPathIn(layout.runFolder(runId), refuseDocument(path)), { force: true });
    },
    folderOf: (runId) => layout.runFolder(runId),
    async project(runId, files, shared) {
      // Both are queued now, so that the run that moved last is the one that the root shows.
      await Promise.all([
        serial.run(runId, () => projectInto(placesOf(runId), runId, files)),
        serial.run(SHARED, () => projectInto([layout.root], SHARED, shared)),
      ]);
    },
  };
}

/** Not flushed: a projection can be rebuilt from the document. */
async function writeProjection(places: readonly string[], name: string, content: string): Promise<void> {
  const write = (folder: string): Promise<void> =>
    replaceFile({ path: pathIn(folder, name), content, flush: false, tempFolder: folder });
  for (const folder of places) {
    const missing = await write(folder).then(
      () => false,
      (error: unknown) => {
        if (isMissing(error)) return true;
        throw error;
      },
    );
    if (!missing) return;
  }
  // Its folder is not there yet. Made only now: one that is made anew while a run moves stands in the way of its link.
  const [folder = ""] = places;
  await mkdir(dirname(pathIn(folder, name)), { recursive: true });
  await write(folder);
}

/** The engine alone writes its own files. */
function refuseDocument(name: string): string {
  if (!["run.json", "audit.jsonl", "operations.json", "owner.lock"].includes(name)) return name;
  throw new InputError("run_files.bad_name", `"${name}" is a file of the engine; choose another name.`);
}

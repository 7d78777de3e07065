import type { FileHandle } from "node:fs/promises";
import { DISK, type DiskCalls } from "../../../adapters/files.ts";

export interface FaultyDisk extends DiskCalls {
  /** While this is set, the call of that name fails with ENOSPC. */
  failing: "open" | "writeFile" | "sync" | "rename" | undefined;
  /** Calls that got through, in order. */
  readonly calls: string[];
}

/** The real disk, until it is told to be full. */
export function createFaultyDisk(): FaultyDisk {
  const attempt = <T>(name: FaultyDisk["failing"] & string, call: () => Promise<T>): Promise<T> => {
    if (disk.failing === name) {
      return Promise.reject(Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" }));
    }
    disk.calls.push(name);
    return call();
  };
  const wrap = (file: FileHandle): FileHandle => {
    const writeFile = file.writeFile.bind(file);
    const sync = file.sync.bind(file);
    file.writeFile = (...args) => attempt("writeFile", () => writeFile(...args));
    file.sync = () => attempt("sync", sync);
    return file;
  };
  const disk: FaultyDisk = {
    failing: undefined,
    calls: [],
    open: (...args) => attempt("open", async () => wrap(await DISK.open(...args))),
    rename: (...args) => attempt("rename", () => DISK.rename(...args)),
  };
  return disk;
}

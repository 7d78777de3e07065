import { chmod, opendir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Removes a folder with everything in it, also where folders were made read-only. */
export async function removeAll(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await makeWritable(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Files are removed through their folder, so only folders matter. Links are not followed. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o700);
  for await (const entry of await opendir(folder)) {
    if (entry.isDirectory()) await makeWritable(join(folder, entry.name));
  }
}

import { matchesGlob } from "node:path/posix";
import type { WorkspaceChange } from "../contracts/change.ts";

/** Paths of a change that its lane had not declared to write, or that are no plain files; empty where all is as declared. */
export function undeclaredPaths(change: WorkspaceChange, writes: readonly string[]): string[] {
  return change.files
    .filter(({ path, plain }) => !plain || path.startsWith("../") || !writes.some((glob) => matchesGlob(path, glob)))
    .map(({ path }) => path);
}

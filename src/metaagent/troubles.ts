import type { RunDocument } from "../contracts/document.ts";
import type { RunId } from "../contracts/id.ts";
import type { Text } from "../contracts/text.ts";

/** Why runs do not move that could not be saved. In memory alone: it is about what cannot be written down. */
export interface Troubles {
  /** `document`: the run as it was last saved. It holds until a later version is. */
  note(document: RunDocument, text: Text): void;
  of(document: RunDocument): Text | null;
}

export function createTroubles(): Troubles {
  const noted = new Map<RunId, { readonly version: number; readonly text: Text }>();
  return {
    note: ({ run }, text) => {
      noted.set(run.runId, { version: run.version, text });
    },
    of: ({ run }) => {
      const trouble = noted.get(run.runId);
      if (trouble === undefined || trouble.version === run.version) return trouble?.text ?? null;
      noted.delete(run.runId);
      return null;
    },
  };
}

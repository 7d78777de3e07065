import type { Clock } from "./ports.ts";

/** Resolves after the delay, or as soon as the signal is aborted; leaves nothing behind on the signal. */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = (): void => {
      callOff();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const callOff = clock.after(delayMs, end);
    signal?.addEventListener("abort", end);
  });
}

/** Runs tasks of the same key one after the other, and those of different keys side by side. */
export interface Serial {
  /** Resolves or rejects as the task does; one that fails holds up none that comes after it. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Resolves when nothing is running, nor what was asked for meanwhile. */
  idle(): Promise<void>;
}

export function createSerial(): Serial {
  const tails = new Map<string, Promise<unknown>>();
  return {
    run(key, task) {
      const result = (tails.get(key) ?? Promise.resolve()).then(task);
      const settled = result.then(
        () => undefined,
        () => undefined,
      );
      const tail = settled.finally(() => {
        // Without this the map would grow with every run that ever was.
        if (tails.get(key) === tail) tails.delete(key);
      });
      tails.set(key, tail);
      return result;
    },
    async idle() {
      while (tails.size > 0) await Promise.all(tails.values());
    },
  };
}

/**
 * What is asked for while a round is under way is done together in the next one: many changes share one flush. Resolves
 * when the round is done that the item was in, and rejects where that round failed.
 */
export function createRounds<T>(round: (items: readonly T[]) => Promise<void>): (item: T) => Promise<void> {
  let next: { readonly items: T[]; readonly done: Promise<void> } | undefined;
  let last: Promise<void> = Promise.resolve();
  return (item) => {
    if (next !== undefined) {
      next.items.push(item);
      return next.done;
    }
    const items = [item];
    const done = last.then(() => {
      next = undefined;
      return round(items);
    });
    next = { items, done };
    last = done.catch(() => undefined);
    return done;
  };
}

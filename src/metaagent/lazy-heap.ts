import { Heap } from "heap-js";

/**
 * A binary heap whose items may die where they stand: whoever owns an item knows whether it still counts, and
 * the heap passes over the dead. Taking the first item is killing it. Nothing searches the heap, so a removal
 * costs O(1), and the dead are swept once they outnumber the living.
 */
export interface LazyHeap<T> {
  push(item: T): void;
  /** Living items, lowest first, O(k log k) for the first k. The heap must not change while it is walked. */
  ascending(): Generator<T, undefined>;
  /** Says that items died and how many live, so that the dead never take more room than the living. */
  sweep(living: number): void;
}

interface Node<T> {
  readonly item: T;
  readonly at: number;
}

/** Below this many items a sweep is not worth its cost. */
const SWEEP_FROM = 32;

export function createLazyHeap<T>(compare: (a: T, b: T) => number, isAlive: (item: T) => boolean): LazyHeap<T> {
  const heap = new Heap<T>(compare);

  return {
    push: (item) => {
      heap.add(item);
    },
    ascending: () => {
      // Without this the dead would gather at the top and every walk would begin by passing over them again.
      for (let head = heap.peek(); head !== undefined && !isAlive(head); head = heap.peek()) heap.pop();
      return walk(heap, isAlive);
    },
    sweep: (living) => {
      if (heap.length > 2 * living + SWEEP_FROM) heap.init(heap.heapArray.filter(isAlive));
    },
  };
}

/** Best first over the tree: a node's children come into question once the node itself was passed. */
function* walk<T>(heap: Heap<T>, isAlive: (item: T) => boolean): Generator<T, undefined> {
  const first = heap.peek();
  if (first === undefined) return;
  yield first;
  const open = new Heap<Node<T>>((a, b) => heap.compare(a.item, b.item));
  const openAt = (at: number): void => {
    const item = heap.heapArray[at];
    if (item !== undefined) open.add({ item, at });
  };
  for (let node: Node<T> | undefined = { item: first, at: 0 }; node !== undefined; node = open.pop()) {
    if (node.at > 0 && isAlive(node.item)) yield node.item;
    openAt(2 * node.at + 1);
    openAt(2 * node.at + 2);
  }
}

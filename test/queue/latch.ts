/** Settles `done` at the n-th `count`. */
export function latch(n: number): { readonly count: () => void; readonly done: Promise<void> } {
  let left = n;
  let settle: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return {
    count: () => {
      left -= 1;
      if (left === 0) settle();
    },
    done,
  };
}

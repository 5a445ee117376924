/** For the `default` of an exhaustive switch: a new kind does not compile until every reader has answered it. */
export function assertNever(value: never): never {
  throw new Error(`unforeseen value ${JSON.stringify(value)}`);
}

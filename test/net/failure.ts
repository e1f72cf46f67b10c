/** What a promise rejects with; it is a failure when it does not. */
export async function failure(promise: Promise<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`did not fail, but gave ${String(value)}`);
}

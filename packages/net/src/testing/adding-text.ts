/** Runs `body`; an error that leaves it gets a text in front of its message. */
export async function addingText<T>(text: string, body: () => T | Promise<T>): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof Error) error.message = `${text}: ${error.message}`;
    throw error;
  }
}

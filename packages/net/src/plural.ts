/** "1 blob", "2 blobs". */
export const plural = (count: number, thing: string): string => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** "once", "3 times". */
export const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);

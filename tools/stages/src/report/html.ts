const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

export const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character]!);

/** A PNG or JPEG that stands in the page itself. */
export function image(bytes: Uint8Array, alt: string, attributes = ''): string {
  const type = bytes[0] === 0xff ? 'jpeg' : 'png';
  return `<img src="data:image/${type};base64,${Buffer.from(bytes).toString('base64')}" alt="${escaped(alt)}"${attributes}>`;
}

/** A bar as long as a share, its value in words beside it. */
export function bar(share: number, text: string): string {
  const width = Number.isFinite(share) ? Math.round(1000 * Math.min(1, share)) / 10 : 0;
  return `<span class="bar"><span style="width:${width}%"></span></span><span class="value">${escaped(text)}</span>`;
}

/** A table that becomes a list of cards where the page is narrow. */
export function table(caption: string, titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = titles.map((title) => `<th scope="col">${escaped(title)}</th>`).join('');
  const body = rows.map(([name, ...cells]) => {
    const rest = cells.map(
      (cell, i) => `<td data-title="${escaped(titles[i + 1]!)}">${cell || '<span class="none">–</span>'}</td>`,
    );
    return `<tr><th scope="row">${name}</th>${rest.join('')}</tr>`;
  });
  return `<table><caption>${escaped(caption)}</caption><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}

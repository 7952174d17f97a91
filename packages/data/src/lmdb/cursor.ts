import { keyText, noPage } from './format.ts';
import type { TreeMeta } from './meta.ts';
import { type LeafNode, type Page, treePage } from './page.ts';
import type { PageFile } from './page-file.ts';

interface Step {
  page: Page;
  index: number;
}

/** Walks a tree in the order of its keys. */
export class LmdbCursor {
  private readonly file: PageFile;
  private readonly tree: TreeMeta;
  private readonly compare: (a: Buffer, b: Buffer) => number;
  private readonly path: Step[] = [];
  private last: Buffer | undefined;
  private passed = 0;
  private counting = true;
  private state: 'before' | 'inside' | 'after' = 'before';

  /** @param compare Order of the keys; that of their bytes by default. */
  constructor(file: PageFile, tree: TreeMeta, compare: (a: Buffer, b: Buffer) => number = Buffer.compare) {
    this.file = file;
    this.tree = tree;
    this.compare = compare;
  }

  /** The next record's place, or undefined behind the last one. Values are not read. */
  next(): LeafNode | undefined {
    if (this.state === 'before') {
      if (this.tree.root === noPage) return this.end();
      this.descend(this.tree.root, 0);
      this.state = 'inside';
    } else if (this.state === 'after' || !this.advance(1)) {
      return this.end();
    }
    return this.current();
  }

  /** Passes over `count` records; whole leaves are skipped without looking at their nodes. */
  skip(count: number): void {
    let left = count;
    while (left > 0 && this.state !== 'after') {
      const leaf = this.path.at(-1);
      const step = this.state === 'inside' && leaf !== undefined ? Math.min(left, leaf.page.count - 1 - leaf.index) : 0;
      if (step > 0) {
        leaf!.index += step;
        this.passed += step;
        left -= step;
        this.last = leaf!.page.key(leaf!.index);
      } else {
        this.next();
        left--;
      }
    }
  }

  /** The first record whose key is not smaller, or undefined. */
  seek(key: Uint8Array): LeafNode | undefined {
    this.path.length = 0;
    this.counting = false;
    this.last = undefined;
    if (this.tree.root === noPage) return this.end();
    this.descend(this.tree.root, 0, key);
    this.state = 'inside';
    const leaf = this.path.at(-1)!;
    if (leaf.index < leaf.page.count) return this.current();
    leaf.index--;
    return this.next();
  }

  private current(): LeafNode {
    const { page, index } = this.path.at(-1)!;
    const node = page.leaf(index);
    this.passed++;
    // Keys that rise strictly cannot go round in circles, whatever the page numbers say.
    if (this.last !== undefined && this.compare(this.last, node.key) >= 0) {
      throw this.file.damaged(page.number, `has keys out of order (node ${index})`, keyText(node.key));
    }
    this.last = node.key;
    return node;
  }

  private end(): undefined {
    if (this.state === 'inside' && this.counting && this.passed !== this.tree.entries) {
      const leaf = this.path.at(-1);
      throw this.file.damaged(
        leaf?.page.number ?? this.tree.root,
        `is the last one, reached after ${this.passed} records; the database should hold ${this.tree.entries}`,
      );
    }
    this.state = 'after';
    return undefined;
  }

  /** Goes on by one node; false behind the last one. */
  private advance(by: number): boolean {
    let level = this.path.length - 1;
    while (level >= 0 && this.path[level]!.index + by >= this.path[level]!.page.count) level--;
    if (level < 0) return false;
    const step = this.path[level]!;
    step.index += by;
    if (level === this.path.length - 1) return true;
    this.path.length = level + 1;
    this.descend(step.page.child(step.index), level + 1);
    return true;
  }

  private descend(root: number, from: number, key?: Uint8Array): void {
    let number = root;
    for (let level = from; level < this.tree.depth; level++) {
      const page = treePage(this.file, this.tree, number, level);
      const index = key === undefined ? 0 : search(page, key);
      this.path.push({ page, index });
      if (!page.isLeaf) number = page.child(index);
    }
  }
}

/** Leaf: first node whose key is not smaller. Branch: last child whose key is not larger. */
function search(page: Page, key: Uint8Array): number {
  let low = page.isLeaf ? 0 : 1;
  let high = page.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = Buffer.compare(page.key(middle), key);
    if (page.isLeaf ? order < 0 : order <= 0) low = middle + 1;
    else high = middle;
  }
  return page.isLeaf ? low : low - 1;
}

import { readFileSync } from 'node:fs';
import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';
import { type HDF5DataParameter, has } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError } from '@jacinto/proto/node';
import { type Hdf5Table, readHdf5 } from '../hdf5/hdf5-file.ts';
import { RecordRandom } from '../transform/record-random.ts';

/** Streams of the random orders of files and rows, apart from those of other layers. */
const fileStream = 0x90000000;
const rowStream = 0xa0000000;

/**
 * Rows of HDF5 files (Caffe: HDF5Data). `source` is a text file with the path of an .h5 file a line, seen from the
 * folder that paths are relative to. Each top is filled from the dataset of its name, N,… of which batch_size rows make
 * a batch: top[i] batch_size,…. Datasets are float, double or integer and have equally many rows in a file; files
 * follow each other without end. `shuffle` (default false) gives each round a random order of the files and of the rows
 * in each. The layer transforms nothing.
 *
 * @throws CaffeError naming the file that is missing, is no HDF5, or lacks a dataset.
 */
export class HDF5DataLayer extends Layer<HDF5DataParameter> {
  static override readonly type = 'HDF5Data';
  static override readonly paramField = 'hdf5DataParam';
  private files: string[] = [];
  private tables: Hdf5Table[] = [];
  private rows = 0;
  private order: Uint32Array | undefined;
  /** The position: rounds done, files of this round, rows of this file. */
  private round = 0;
  private file = 0;
  private row = 0;
  private loaded = '';

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override async setUp(): Promise<void> {
    const { source, batchSize } = this.param;
    if (has(this.layerParam, 'transformParam')) {
      throw new CaffeError({
        code: 'bad-value',
        field: 'transform_param',
        problem: 'is given, but HDF5Data transforms nothing',
        fix: 'leave it out and store the data as the net needs it',
      });
    }
    if (!source) throw this.fail('source', 'is missing', 'give the path of a list of .h5 files');
    if (!batchSize) throw this.fail('batch_size', batchSize === undefined ? 'is missing' : 'is 0', 'use 1 or more');
    this.files = this.readList(this.context.resolvePath(source));
    await this.load();
  }

  override reshape(_bottom: readonly Tensor[], top: readonly Tensor[]): void {
    top.forEach((each, i) => {
      each.reshape([this.param.batchSize!, ...this.tables[i]!.shape.slice(1)]);
    });
  }

  override forward(_bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    // At once while the batch lies within the file that is loaded.
    if (this.isLoaded() && this.row + this.param.batchSize! < this.rows) {
      const data = top.map((each) => each.data.hostWrite<Float32Array>());
      for (let n = 0; n < this.param.batchSize!; n++) this.copyRow(data, n);
      return;
    }
    return this.forwardAcrossFiles(top);
  }

  override backward(): void {}

  /** What a solver counts epochs by; known where there is one file. */
  get epoch(): { records: number; batch: number } | undefined {
    return this.files.length === 1 ? { records: this.rows, batch: this.param.batchSize! } : undefined;
  }

  override saveState(): LayerState {
    return { round: this.round, file: this.file, row: this.row };
  }

  override restoreState({ round, file, row }: LayerState): void {
    [this.round, this.file, this.row] = [Number(round), Number(file), Number(row)];
  }

  private async forwardAcrossFiles(top: readonly Tensor[]): Promise<void> {
    await this.load();
    const data = top.map((each) => each.data.hostWrite<Float32Array>());
    for (let n = 0; n < this.param.batchSize!; n++) {
      this.copyRow(data, n);
      if (this.row < this.rows) continue;
      this.row = 0;
      if (++this.file === this.files.length) [this.file, this.round] = [0, this.round + 1];
      await this.load();
    }
  }

  private copyRow(data: readonly Float32Array[], n: number): void {
    const row = this.order?.[this.row] ?? this.row;
    this.row++;
    this.tables.forEach(({ values }, i) => {
      const length = values.length / this.rows;
      data[i]!.set(values.subarray(row * length, (row + 1) * length), n * length);
    });
  }

  /** Index of the file whose turn it is. */
  private currentFile(): number {
    if (!this.param.shuffle || this.files.length === 1) return this.file;
    return this.random(fileStream, this.round).permutation(this.files.length)[this.file]!;
  }

  private isLoaded(): boolean {
    return this.loaded === `${this.round} ${this.file}`;
  }

  /** Reads the file whose turn it is, unless it is there, and draws the order of its rows. */
  private async load(): Promise<void> {
    if (this.isLoaded()) return;
    const current = this.currentFile();
    // The one file of a single-file list stays; only the order of its rows is new.
    if (this.files.length > 1 || this.tables.length === 0) await this.read(this.files[current]!);
    const record = this.round * this.files.length + current;
    this.order = this.param.shuffle ? this.random(rowStream, record).permutation(this.rows) : undefined;
    this.loaded = `${this.round} ${this.file}`;
  }

  private async read(path: string): Promise<void> {
    const names = this.layerParam.top;
    const tables = await readHdf5(path, names);
    const fail = (problem: string, fix: string): CaffeError =>
      new CaffeError({ code: 'bad-data', file: path, problem, fix });
    const [first] = tables as [Hdf5Table];
    tables.forEach(({ shape }, i) => {
      if (shape.length === 0) throw fail(`the dataset "${names[i]}" is a scalar`, 'give it an axis of rows');
      if (shape[0] !== first.shape[0]) {
        const rows = `"${names[0]}" has ${first.shape[0]} rows, "${names[i]}" has ${shape[0]}`;
        throw fail(`the dataset ${rows}`, 'all datasets of a file need equally many rows');
      }
      const before = this.tables[i]?.shape.slice(1).join(' ');
      if (before !== undefined && before !== shape.slice(1).join(' ')) {
        const rows = `rows of the dataset "${names[i]}" have the shape ${shape.slice(1).join(' ')}`;
        throw fail(`${rows}, those of the files before ${before}`, 'all files need rows of one shape');
      }
    });
    if (first.shape[0] === 0) throw fail(`the dataset "${names[0]}" has no rows`, 'leave the file out of the list');
    this.tables = tables;
    this.rows = first.shape[0]!;
  }

  private readList(list: string): string[] {
    let text: string;
    try {
      text = readFileSync(list, 'utf8');
    } catch (error) {
      throw ioError(error, list, 'read');
    }
    const files = text.split(/\s+/).filter(Boolean);
    if (files.length > 0) return files.map((path) => this.context.resolvePath(path));
    throw new CaffeError({
      code: 'bad-data',
      file: list,
      problem: 'names no file',
      fix: 'write the path of an .h5 file a line',
    });
  }

  private random(stream: number, record: number): RecordRandom {
    return new RecordRandom(this.context.seed, (this.context.index + stream) >>> 0, record);
  }
}

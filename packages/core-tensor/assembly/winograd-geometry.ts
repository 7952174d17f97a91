/** What Winograd's kernels know of their tensors: the first words of their arguments. Strides are bytes. */
@unmanaged
export class WinogradGeometry {
  x: usize;
  /** The result, or its gradient. */
  y: usize;
  /** Tiles of 4×4 results: of all images; in an image's columns and rows. */
  tiles: i32;
  tileRows: i32;
  tileColumns: i32;
  group: i32;
  /** Channels a group of x, of y. */
  channels: i32;
  m: i32;
  padTop: i32;
  padLeft: i32;
  xHeight: i32;
  xWidth: i32;
  xRow: usize;
  xImage: usize;
  xGroup: usize;
  xPlane: usize;
  yHeight: i32;
  yWidth: i32;
  yRow: usize;
  yImage: usize;
  yGroup: usize;
  yPlane: usize;
}

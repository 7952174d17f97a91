// Places of the 32-bit words that describe a picture; src/jpeg/picture-memory.ts writes them.

/** Entropy-coded bytes of the file: first, end. */
export const INPUT: usize = 0;
export const INPUT_END: usize = 4;
/** Room for a segment without stuffing bytes, stored backwards: from its last byte downwards. */
export const SEGMENT_TOP: usize = 8;
export const COMPONENTS: usize = 12;
/** MCUs of a row, rows of MCUs, MCUs between restart markers (0: none). */
export const MCUS_ACROSS: usize = 16;
export const MCUS_DOWN: usize = 20;
export const RESTART_INTERVAL: usize = 24;
/** Window of the picture that is wanted. */
export const TOP: usize = 28;
export const LEFT: usize = 32;
export const HEIGHT: usize = 36;
export const WIDTH: usize = 40;
/** How chroma is enlarged: horizontal and vertical factor, and whether by the triangle filter. */
export const CHROMA_ACROSS: usize = 44;
export const CHROMA_DOWN: usize = 48;
export const CHROMA_SMOOTH: usize = 52;
/** Three rows of bytes (B, G, R), three of chroma: each ROW_SIZE bytes, 64 before its start may be used. */
export const ROWS: usize = 56;
export const ROW_SIZE: usize = 60;
/** Where the result goes, and its channels. */
export const OUT: usize = 64;
export const CHANNELS: usize = 68;
/** For float values: whether mirrored, scale, means of three channels. */
export const MIRRORED: usize = 72;
export const SCALE: usize = 76;
export const MEANS: usize = 80;
/** A block's 64 coefficients (16 bits), aligned. */
export const BLOCK: usize = 96;

/** Words of component i: from FIRST_COMPONENT + i·COMPONENT_SIZE. */
export const FIRST_COMPONENT: usize = 256;
export const COMPONENT_SIZE: usize = 64;
export const ACROSS: usize = 0;
export const DOWN: usize = 4;
/** 64 words in zigzag order: natural place ·2 in the upper half, divisor in the lower. */
export const QUANTIZATION: usize = 8;
export const DC_TABLE: usize = 12;
export const AC_TABLE: usize = 16;
export const PLANE: usize = 20;
export const STRIDE: usize = 24;
/** Samples without the padding of the last blocks. */
export const PLANE_WIDTH: usize = 28;
export const PLANE_HEIGHT: usize = 32;
/** Blocks whose samples are wanted: columns first to end, rows first to end. */
export const COLUMN_FIRST: usize = 36;
export const COLUMN_END: usize = 40;
export const ROW_FIRST: usize = 44;
export const ROW_END: usize = 48;
/** The last DC value. */
export const PREDICTED: usize = 52;

@inline
export function word(at: usize): i32 {
  return load<i32>(at);
}

@inline
export function address(at: usize): usize {
  return <usize>load<u32>(at);
}

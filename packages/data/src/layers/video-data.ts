import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { create, has, VideoDataParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { ListFeed } from '../feed/list-feed.ts';
import type { RecordFeed } from '../feed/record-ref.ts';
import { FedLayer, type FedLayerOptions } from './fed-layer.ts';

const pictures = /\.(jpe?g|png|bmp|webp|tiff?|gif)$/i;

/**
 * The frames of a video, one after the other and again from the first (SSD Caffe: VideoData). top[0] N,C,H,W with
 * data_param.batch_size frames; top[1], where given, N zeros. video_file names a folder of pictures, in the order of
 * their names (numbers in them by value), or a numbered pattern such as "frames/%06d.png", from the first number that
 * is there up to the first that is not. skip_frames (default 0) frames are left out after each. transform_param as
 * in Data.
 *
 * @throws CaffeError for cameras and video files, which it cannot open: take the frames out first
 * (`ffmpeg -i x.mp4 frames/%06d.png`).
 */
export class VideoDataLayer extends FedLayer<VideoDataParameter> {
  static override readonly type = 'VideoData';
  static override readonly paramField = 'videoDataParam';

  protected checkedOptions(): FedLayerOptions {
    const { videoType, videoFile } = this.param;
    const data = has(this.layerParam, 'dataParam') ? this.layerParam.dataParam! : create('DataParameter');
    if (videoType === VideoDataParameter.VideoType.WEBCAM) {
      const own = has(this.param, 'videoType') ? 'WEBCAM' : 'WEBCAM, its default';
      throw this.fail('video_type', `is ${own}: no camera can be opened here`, 'use VIDEO and video_file');
    }
    if (!videoFile) throw this.fail('video_file', 'is missing', 'name a folder or a numbered pattern of frames');
    if (!data.batchSize) {
      const problem = has(data, 'batchSize') ? 'is 0' : 'is missing';
      throw new CaffeError({ code: 'bad-value', field: 'data_param.batch_size', problem, fix: 'use 1 or more' });
    }
    return {
      batchSize: data.batchSize,
      source: this.context.resolvePath(videoFile),
      randSkip: 0,
      threads: data.threads,
      ahead: data.prefetch,
      image: { mode: 'color', height: 0, width: 0, shortSide: 0 },
    };
  }

  protected openFeed(source: string, seed: number): RecordFeed {
    const frames = framesOf(source).filter((_, i) => i % (this.param.skipFrames + 1) === 0);
    const refs = frames.map((path, i) => ({ from: 'file' as const, path, label: 0, line: i + 1 }));
    return new ListFeed(refs, 'never', seed, this.context.index);
  }
}

/** The frames that a folder or a numbered pattern holds. @throws CaffeError 'missing', 'unsupported' or 'bad-data'. */
export function framesOf(source: string): string[] {
  const pattern = /%(0?)(\d*)d/.exec(source);
  if (pattern !== null) return numbered(source, pattern);
  if (!existsSync(source)) {
    const fix = 'give a folder of frames or a pattern such as "frames/%06d.png"';
    throw new CaffeError({ code: 'missing', file: source, problem: 'is not there', fix });
  }
  if (!statSync(source).isDirectory()) {
    throw new CaffeError({
      code: 'unsupported',
      file: source,
      problem: 'is a file, and video files cannot be opened here',
      fix: 'take its frames out (ffmpeg -i video.mp4 frames/%06d.png) and name their folder',
    });
  }
  const order = new Intl.Collator('en', { numeric: true });
  const names = readdirSync(source).filter((name) => pictures.test(name));
  if (names.length === 0) {
    const fix = 'put .jpg, .png, .bmp, .webp, .tif or .gif files there';
    throw new CaffeError({ code: 'bad-data', file: source, problem: 'the folder holds no picture', fix });
  }
  return names.sort(order.compare).map((name) => join(source, name));
}

function numbered(source: string, [placeholder, zeros, width]: RegExpExecArray): string[] {
  const path = (n: number): string =>
    source.replace(placeholder!, String(n).padStart(Number(width), zeros === '0' ? '0' : ' '));
  // Frames may be numbered from anything; OpenCV looks for the first among the first numbers, too.
  let first = 0;
  while (first < 1000 && !existsSync(path(first))) first++;
  const frames: string[] = [];
  for (let n = first; existsSync(path(n)); n++) frames.push(path(n));
  if (frames.length > 0) return frames;
  throw new CaffeError({
    code: 'missing',
    file: source,
    problem: `there is no frame with a number from 0 to 999, such as ${path(0)}`,
    fix: 'check the pattern',
  });
}

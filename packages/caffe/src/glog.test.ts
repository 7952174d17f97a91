import { describe, expect, it } from 'vitest';
import { createLog, glogLine } from './glog.ts';

const when = new Date(2026, 10, 24, 7, 9, 5, 42).getTime() + 0.125;

describe('glog', () => {
  it('writes month and day, time with microseconds, process, source', () => {
    expect(glogLine('I', 'solver.cpp:45', 'Solving small', when, 29212)).toBe(
      'I1124 07:09:05.042125 29212 solver.cpp:45] Solving small\n',
    );
    expect(glogLine('E', 'caffe.cpp:1', 'no', when, 7)).toBe('E1124 07:09:05.042125     7 caffe.cpp:1] no\n');
  });

  it('quiet holds back information only', () => {
    const lines: string[] = [];
    const log = createLog({ write: (text) => lines.push(text), quiet: true, now: () => when, pid: 12345 });
    log.info('a.cpp:1', 'information');
    log.warning('a.cpp:2', 'careful');
    log.error('a.cpp:3', 'wrong');
    expect(lines).toEqual([
      'W1124 07:09:05.042125 12345 a.cpp:2] careful\n',
      'E1124 07:09:05.042125 12345 a.cpp:3] wrong\n',
    ]);
  });
});
